#ifndef SKYBOX_KERNEL_TASKS_H_
#define SKYBOX_KERNEL_TASKS_H_

#include <coroutine>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "skybox/clock.h"
#include "skybox/task.h"

namespace skybox::kernel {

class Kernel;

// The coroutines of one world: who runs, who waits for what. Nothing of this is state that forks or
// saves, which is why a world with live tasks refuses both.
class Tasks {
 public:
  explicit Tasks(Kernel& kernel) : kernel_(kernel) {}
  Tasks(const Tasks&) = delete;
  Tasks& operator=(const Tasks&) = delete;
  ~Tasks() { DestroyAll(); }

  Kernel& kernel() const { return kernel_; }
  size_t live() const { return roots_.size(); }
  // The id that was given out last, which a snapshot keeps: a start that is still pending, of a
  // task that was cancelled before it, must not find another task under its id.
  uint64_t last_id() const { return last_id_; }
  void SetLastId(uint64_t id) { last_id_ = id; }

  // Starts as a timer that is due now.
  uint64_t Spawn(std::coroutine_handle<> coroutine, std::shared_ptr<internal::Ending> ending);
  void Cancel(uint64_t id);
  // In the order in which they were spawned, those spawned meanwhile too.
  void DestroyAll();

  // A ticket names one wait. Wake resumes its coroutine later at this instant; false, and nothing
  // happens, with a ticket that has been used or given up.
  uint64_t Park(std::coroutine_handle<> coroutine, absl::Time wake);
  void Unpark(uint64_t ticket);
  bool Wake(uint64_t ticket);
  bool Waits(uint64_t ticket) { return Find(ticket) != nullptr; }

  enum TimerKind : uint32_t { kStart, kResume };
  void OnTimer(uint32_t kind, uint64_t argument);

 private:
  struct Root {
    std::coroutine_handle<> coroutine = nullptr;
    std::shared_ptr<internal::Ending> ending = {};
    bool cancelled = false;  // while it runs: it ends at its next wait
  };
  struct Place {
    std::coroutine_handle<> coroutine = nullptr;
    uint32_t generation = 1;  // so that no ticket is 0
    uint64_t root = 0;
    TimerId timer = {};
  };

  Place* Find(uint64_t ticket);
  void Resume(uint64_t root, std::coroutine_handle<> coroutine);
  void End(uint64_t id, bool cancelled);

  Kernel& kernel_;
  std::map<uint64_t, Root> roots_;  // by id: in the order of spawning
  uint64_t last_id_ = 0;
  uint64_t running_ = 0;  // the root that runs now; 0: none
  bool closing_ = false;
  std::vector<Place> places_;
  std::vector<uint32_t> free_places_;
};

}  // namespace skybox::kernel

#endif  // SKYBOX_KERNEL_TASKS_H_
