#include "base/digest.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif

#include "base/multiply.h"

namespace skybox::kernel {

namespace {

// Long texts are summed up in stripes of eight words, each word mixed with a key of its own and of
// its stripe (and added once as it is, so that no word's change goes unseen), in vector registers
// where the processor has wide ones: every message sent passes here. What is left, and short texts,
// are folded one product after the other. The same number everywhere, whatever the processor has.
constexpr uint64_t kFirst = 0x2D358DCCAA6C78A5u;
constexpr uint64_t kSecond = 0x8BB84B93962EACC9u;
constexpr uint64_t kThird = 0x4B33A62ED433D4A3u;
constexpr uint64_t kFourth = 0x4D5A2DA51DE1AA47u;

uint64_t Fold(uint64_t a, uint64_t b) {
  const Product product = Multiply(a, b);
  return product.low ^ product.high;
}

template <typename Word>
uint64_t Load(const char* bytes) {
  Word word = 0;
  std::memcpy(&word, bytes, sizeof(word));
  if constexpr (std::endian::native == std::endian::big) {
    Word swapped = 0;
    for (size_t i = 0; i < sizeof(word); ++i)
      swapped = static_cast<Word>(swapped << 8 | (word >> (8 * i) & 0xFF));
    word = swapped;
  }
  return word;
}

uint64_t Load8(const char* bytes) { return Load<uint64_t>(bytes); }

// Keys of the words of a stripe, and what is added to them from stripe to stripe: fractional digits
// of e.
constexpr uint64_t kKeys[8] = {0xB7E151628AED2A6Au, 0xBF7158809CF4F3C7u, 0x62E7160F38B4DA56u,
                               0xA784D9045190CFEFu, 0x324E7738926CFBE5u, 0xF4BF8D8D8C31D763u,
                               0xDA06C80ABB1185EBu, 0x4F7C7B5757F59584u};
constexpr uint64_t kNextStripe = 0x90CFD47D7C19BB43u;

using Sums = uint64_t[8];

void AddStripes(const char* at, size_t stripes, Sums& sums) {
  uint64_t shift = 0;
  for (; stripes > 0; --stripes, at += 64, shift += kNextStripe) {
    for (size_t i = 0; i < 8; ++i) {
      const uint64_t word = Load8(at + 8 * i);
      const uint64_t mixed = word ^ (kKeys[i] + shift);
      sums[i] += (mixed & 0xFFFFFFFFu) * (mixed >> 32) + word;
    }
  }
}

#if defined(__x86_64__) && defined(__GNUC__)
#define SKYBOX_HAS_WIDE_REGISTERS 1

[[gnu::target("avx2")]] void AddStripesWide(const char* at, size_t stripes, Sums& sums) {
  const auto* keys = reinterpret_cast<const __m256i*>(kKeys);
  const __m256i next = _mm256_set1_epi64x(static_cast<int64_t>(kNextStripe));
  __m256i low_keys = _mm256_loadu_si256(keys);
  __m256i high_keys = _mm256_loadu_si256(keys + 1);
  __m256i low = _mm256_setzero_si256();
  __m256i high = _mm256_setzero_si256();
  for (; stripes > 0; --stripes, at += 64) {
    const auto* words = reinterpret_cast<const __m256i*>(at);
    const __m256i a = _mm256_loadu_si256(words);
    const __m256i b = _mm256_loadu_si256(words + 1);
    const __m256i mixed_a = _mm256_xor_si256(a, low_keys);
    const __m256i mixed_b = _mm256_xor_si256(b, high_keys);
    low = _mm256_add_epi64(low, _mm256_mul_epu32(mixed_a, _mm256_srli_epi64(mixed_a, 32)));
    low = _mm256_add_epi64(low, a);
    high = _mm256_add_epi64(high, _mm256_mul_epu32(mixed_b, _mm256_srli_epi64(mixed_b, 32)));
    high = _mm256_add_epi64(high, b);
    low_keys = _mm256_add_epi64(low_keys, next);
    high_keys = _mm256_add_epi64(high_keys, next);
  }
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums), low);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums) + 1, high);
}

#endif

}  // namespace

uint64_t HashBytes(std::string_view bytes) { return HashBytesWith(bytes, true); }

uint64_t HashBytesWith(std::string_view bytes, [[maybe_unused]] bool wide) {
  const char* at = bytes.data();
  size_t left = bytes.size();
  uint64_t hash = kFirst ^ bytes.size();
  if (left >= 64) {
    Sums sums = {};
    const size_t stripes = left / 64;
#ifdef SKYBOX_HAS_WIDE_REGISTERS
    if (wide && __builtin_cpu_supports("avx2")) {
      AddStripesWide(at, stripes, sums);
    } else {
      AddStripes(at, stripes, sums);
    }
#else
    AddStripes(at, stripes, sums);
#endif
    at += stripes * 64;
    left %= 64;
    hash =
        Fold(Fold(sums[0] ^ kSecond, sums[1] ^ hash) ^ Fold(sums[2] ^ kFirst, sums[3] ^ kThird),
             Fold(sums[4] ^ kFourth, sums[5] ^ hash) ^ Fold(sums[6] ^ kThird, sums[7] ^ kSecond));
  }
  for (; left >= 16; at += 16, left -= 16) hash = Fold(Load8(at) ^ kSecond, Load8(at + 8) ^ hash);
  uint64_t low = 0;
  uint64_t high = 0;
  if (left >= 8) {
    low = Load8(at);
    high = Load8(at + left - 8);
  } else if (left >= 4) {
    low = Load<uint32_t>(at);
    high = Load<uint32_t>(at + left - 4);
  } else if (left > 0) {
    low = static_cast<unsigned char>(at[0]);
    high = uint64_t{static_cast<unsigned char>(at[left / 2])} << 8 |
           static_cast<unsigned char>(at[left - 1]);
  }
  return Fold(low ^ kThird ^ left, Fold(high ^ kFourth, hash ^ kFirst) ^ hash);
}

void Hasher::Add(std::string_view bytes) {
  AddWord(bytes.size());
  if (!bytes.empty()) AddWord(HashBytes(bytes));
}

}  // namespace skybox::kernel
