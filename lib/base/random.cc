#include <bit>
#include <cstdint>
#include <limits>
#include <string_view>

#include "base/multiply.h"
#include "skybox/choices.h"

// Everything here is exact: integers, and doubles that IEEE 754 defines to the last bit as long as
// the compiler fuses no multiplication with an addition (-ffp-contract=off). Floating-point
// functions of the C library differ from machine to machine, so none is called.
namespace skybox {
namespace {

constexpr double kTwoToMinus53 = 1.0 / 9007199254740992.0;

// The greatest double below a finite one.
double JustBelow(double value) {
  if (value == 0) return -std::numeric_limits<double>::denorm_min();
  const uint64_t bits = std::bit_cast<uint64_t>(value);
  return std::bit_cast<double>(value > 0 ? bits - 1 : bits + 1);
}

}  // namespace

RandomStream::RandomStream(uint64_t seed, std::string_view name)
    : key_(internal::CounterRandom(seed, HashOfName(name))) {}

uint64_t RandomStream::Next() { return internal::CounterRandom(key_, index_++); }

// Lemire, "Fast Random Integer Generation in an Interval": the high half of value * n, where values
// are drawn until the low half is at least 2^64 mod n.
uint64_t RandomStream::Below(uint64_t n) {
  if (n == 0) return 0;
  kernel::Product product = kernel::Multiply(Next(), n);
  if (product.low < n) {
    const uint64_t rejected = (0 - n) % n;
    while (product.low < rejected) product = kernel::Multiply(Next(), n);
  }
  return product.high;
}

int64_t RandomStream::Between(int64_t low, int64_t high) {
  if (high < low) return low;
  // Unsigned, where overflow is defined: the range may have 2^64 numbers, which wraps to 0.
  const uint64_t count = static_cast<uint64_t>(high) - static_cast<uint64_t>(low) + 1;
  const uint64_t offset = count == 0 ? Next() : Below(count);
  return static_cast<int64_t>(static_cast<uint64_t>(low) + offset);
}

// The upper 53 bits of one value.
double RandomStream::Unit() { return static_cast<double>(Next() >> 11) * kTwoToMinus53; }

// low + Unit() * (high - low); `low` where the range is empty.
double RandomStream::Real(double low, double high) {
  if (!(low < high)) return low;
  const double unit = Unit();
  const double width = high - low;
  double value = 0;
  if (width <= std::numeric_limits<double>::max()) {
    const double offset = unit * width;
    value = low + offset;
  } else {  // the width is beyond the doubles, half of it is not
    const double offset = unit * (high / 2 - low / 2);
    value = (low / 2 + offset) * 2;
  }
  return value < high ? value : JustBelow(high);  // the sum may have been rounded up
}

bool RandomStream::Chance(uint64_t times, uint64_t out_of) { return Below(out_of) < times; }

// J. von Neumann, "Various techniques used in connection with random digits" (1951): draw while the
// values descend. The first one is the fraction when the run has an odd length, which happens with
// probability exp(-first); otherwise the whole part grows by one and another run is drawn.
double RandomStream::Exponential() {
  for (uint64_t whole = 0;; ++whole) {
    const uint64_t first = Next() >> 11;
    uint64_t last = first;
    bool odd = true;
    for (uint64_t next = Next() >> 11; next < last; next = Next() >> 11) {
      last = next;
      odd = !odd;
    }
    if (odd) return static_cast<double>(whole) + static_cast<double>(first) * kTwoToMinus53;
  }
}

}  // namespace skybox
