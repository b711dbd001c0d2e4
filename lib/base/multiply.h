#ifndef SKYBOX_BASE_MULTIPLY_H_
#define SKYBOX_BASE_MULTIPLY_H_

#include <cstdint>

namespace skybox::kernel {

struct Product {
  uint64_t high = 0;
  uint64_t low = 0;
};

// All 128 bits of a product: one instruction on 64-bit machines.
inline Product Multiply(uint64_t a, uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return {.high = static_cast<uint64_t>(product >> 64), .low = static_cast<uint64_t>(product)};
}

}  // namespace skybox::kernel

#endif  // SKYBOX_BASE_MULTIPLY_H_
