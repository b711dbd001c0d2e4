#ifndef SKYBOX_CLOCK_H_
#define SKYBOX_CLOCK_H_

#include <cstdint>

namespace skybox {

// Names a timer. A default-made one names none; one that has fired or was cancelled names nothing
// any more.
struct TimerId {
  uint32_t slot = 0;
  uint32_t generation = 0;
  bool operator==(const TimerId&) const = default;
};

}  // namespace skybox

#endif  // SKYBOX_CLOCK_H_
