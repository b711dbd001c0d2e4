#include "skybox/choices.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/multiply.h"

namespace skybox {
namespace {

// Draws and a program's own streams stay apart, also where seed and name are the same. The letters
// are "choices".
constexpr uint64_t kDrawsOfSeeded = 0x0063686F69636573u;

// In [0, n), every answer equally likely, from one draw: where the multiplication would favour some
// answers (Lemire, "Fast Random Integer Generation in an Interval"), the next value is derived from
// the draw itself, so that a draw is one index of its stream whatever n is.
uint64_t Below(uint64_t draw, uint64_t n) {
  kernel::Product product = kernel::Multiply(draw, n);
  if (product.low < n) {
    const uint64_t rejected = (0 - n) % n;
    for (uint64_t attempt = 0; product.low < rejected; ++attempt) {
      product = kernel::Multiply(internal::CounterRandom(draw, attempt), n);
    }
  }
  return product.high;
}

}  // namespace

Seeded::Seeded(uint64_t seed, std::map<std::string, uint32_t> one_in)
    : seed_(seed), names_(std::move(one_in)) {
  for (const auto& [name, rarity] : names_) one_in_[HashOfName(name)] = rarity;
}

uint64_t Seeded::Pick(const ChoicePoint& point, uint64_t index, uint64_t n) const {
  uint32_t one_in = point.one_in;
  if (!one_in_.empty()) {
    const auto replaced = one_in_.find(HashOfName(point.name));
    if (replaced != one_in_.end()) one_in = replaced->second;
  }
  if (one_in == 0 || n < 2) return 0;

  const uint64_t key = internal::CounterRandom(seed_ ^ kDrawsOfSeeded, point.stream());
  const uint64_t draw = internal::CounterRandom(key, index);
  if (one_in == 1) return Below(draw, n);
  if (Below(draw, one_in) != 0) return 0;
  // A second value: the first one is known to be small.
  return 1 + Below(internal::CounterRandom(~draw, index), n - 1);
}

std::string Seeded::Name() const {
  return names_.empty() ? "seeded:" + std::to_string(seed_) : std::string();
}

Choices::Choices(std::shared_ptr<const ChoiceSource> source) : source_(std::move(source)) {
  if (source_ != nullptr && source_->Name() == Benign().Name()) source_ = nullptr;
}

uint64_t Choices::Draw(const ChoicePoint& point, uint64_t n) {
  const uint64_t index = draws_[point.stream()]++;
  const uint64_t answer = source_->Pick(point, index, n);
  return answer < n ? answer : answer % n;
}

std::vector<Choices::StreamPosition> Choices::Positions() const {
  std::vector<StreamPosition> positions;
  positions.reserve(draws_.size());
  for (const auto& [stream, draws] : draws_) {
    positions.push_back({.stream = stream, .draws = draws});
  }
  return positions;
}

void Choices::SetPositions(const std::vector<StreamPosition>& positions) {
  draws_.clear();
  for (const StreamPosition& position : positions) draws_[position.stream] = position.draws;
}

}  // namespace skybox
