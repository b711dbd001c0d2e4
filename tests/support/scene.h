#ifndef SKYBOX_TESTS_SUPPORT_SCENE_H_
#define SKYBOX_TESTS_SUPPORT_SCENE_H_

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "skybox/cloud.h"
#include "support/sqs_world.h"

// What tests of the clock, of handlers and of tasks share: a world in which everybody writes down
// what it did and when.
namespace skybox {

using sqs::Code;
using sqs::kInstant;
using sqs::Strings;
using sqs::Words;

// A base of its own, so that it outlives the Cloud: frames that go with it may still write.
struct Lines {
  Strings lines = {};
};

struct Scene : Lines, sqs::World {
  explicit Scene(CloudOptions options = {}) : sqs::World(std::move(options)), start(cloud.Now()) {}

  // "what@time since the start"
  void Add(const std::string& what) {
    lines.push_back(what + "@" + absl::FormatDuration(cloud.Now() - start));
  }

  absl::Time start;
};

// A world whose handler "note" writes down its argument.
struct Notes : Scene {
  explicit Notes(CloudOptions options = {}) : Scene(std::move(options)) {
    cloud.SetHandler("note", [this](Cloud&, uint64_t argument) { Note(argument); });
  }
  void Note(uint64_t argument) { Add(std::to_string(argument)); }
  TimerId After(absl::Duration delay, uint64_t argument) {
    const absl::StatusOr<TimerId> id = cloud.CallAfter(delay, "note", argument);
    REQUIRE(Code(id) == "OK");
    return *id;
  }
};

}  // namespace skybox

#endif  // SKYBOX_TESTS_SUPPORT_SCENE_H_
