#ifndef SKYBOX_TESTS_SUPPORT_SHORTEN_H_
#define SKYBOX_TESTS_SUPPORT_SHORTEN_H_

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace skybox {

// A short list of steps that fails as `steps` does: the prefix up to the failure, from which
// chunks, and at last single steps, are left out as long as what is left still fails. `run` does
// steps in a new world and answers how many it did, the failing one included; 0 when none failed.
// Of steps that fail.
template <typename Step, typename Run>
std::vector<Step> Shortened(std::vector<Step> steps, Run run) {
  steps.resize(run(steps));
  for (size_t chunk = steps.size() / 2; chunk > 0;) {
    bool shorter = false;
    for (size_t end = steps.size(); end > 0;) {
      const size_t begin = end > chunk ? end - chunk : 0;
      std::vector<Step> fewer(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(begin));
      fewer.insert(fewer.end(), steps.begin() + static_cast<std::ptrdiff_t>(end), steps.end());
      const size_t done = run(fewer);
      if (done > 0) {
        fewer.resize(done);
        steps = std::move(fewer);
        shorter = true;
      }
      end = std::min(begin, steps.size());
    }
    if (!shorter || chunk > 1) chunk /= 2;
  }
  return steps;
}

}  // namespace skybox

#endif  // SKYBOX_TESTS_SUPPORT_SHORTEN_H_
