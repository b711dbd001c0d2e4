// Everything that tests/lint/symbols.py has to find: after each `finds:` a part of its message.
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <random>
#include <thread>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace skybox {

int mutable_global = 0;           // finds: skybox::mutable_global
thread_local int of_this_thread;  // finds: skybox::of_this_thread
const char* const kPhrases[] = {"a constant", "with relocations is found by nobody"};

int Forbidden(int i) {
  static int calls = 0;  // finds: calls
  static const std::string kConstant(kPhrases[i % 2]);
  calls += static_cast<int>(kConstant.size());
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);                                       // finds: clock_gettime
  calls += static_cast<int>(now.tv_nsec + std::time(nullptr));               // finds: time
  calls += std::chrono::system_clock::now().time_since_epoch().count() > 0;  // finds: system_clock
  calls += std::chrono::steady_clock::now().time_since_epoch().count() > 0;  // finds: steady_clock
  calls += absl::Now() > absl::UnixEpoch();                                  // finds: Now()
  calls += absl::LocalTimeZone() == absl::UTCTimeZone();  // finds: local_time_zone
  calls += std::getenv("HOME") != nullptr;                // finds: getenv
  calls += std::rand();                                   // finds: rand
  std::random_device device;                              // finds: random_device
  std::mt19937_64 engine(device());                       // finds: mersenne_twister
  std::uniform_int_distribution<int> distribution(0, 9);  // finds: _distribution
  calls += distribution(engine);
  std::thread([] {}).join();  // finds: std::thread
  return calls + mutable_global + of_this_thread;
}

}  // namespace skybox
