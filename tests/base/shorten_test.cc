#include "support/shorten.h"

#include <catch2/catch.hpp>
#include <cstddef>
#include <vector>

namespace skybox {
namespace {

// Fails at the first 7 after a 3.
size_t FailsAtSevenAfterThree(const std::vector<int>& steps) {
  bool three = false;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i] == 7 && three) return i + 1;
    three = three || steps[i] == 3;
  }
  return 0;
}

size_t FailsAtOnce(const std::vector<int>& steps) { return steps.empty() ? 0 : 1; }

TEST_CASE("A failing run is shortened to the steps that it fails by", "[base][shorten]") {
  std::vector<int> steps;
  for (int i = 0; i < 1000; ++i) steps.push_back(i % 11);
  CHECK(Shortened(steps, FailsAtSevenAfterThree) == std::vector<int>{3, 7});
}

TEST_CASE("A run that fails at once is shortened to one step", "[base][shorten]") {
  CHECK(Shortened(std::vector<int>{5, 6, 7}, FailsAtOnce).size() == 1);
}

}  // namespace
}  // namespace skybox
