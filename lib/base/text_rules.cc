#include "base/text_rules.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif

namespace skybox::kernel {
namespace {

// ---- Many bytes at a time: most text is ASCII, and every message sent passes here.

constexpr uint64_t kEachByte = 0x0101010101010101u;
constexpr uint64_t kHighBits = 0x80 * kEachByte;

// The order of the bytes in the word is the machine's: only whole words are judged.
uint64_t LoadWord(const unsigned char* bytes) {
  uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof(word));
  return word;
}

// High bits are set in some byte if and only if some byte is below 0x20 or above 0x7F (a borrow
// only starts at a byte below 0x20, which has its high bit set by then).
uint64_t OutsidePlainAscii(uint64_t word) { return ((word - 0x20 * kEachByte) | word) & kHighBits; }

constexpr size_t kBlock = 64;

#if defined(__x86_64__) && defined(__GNUC__)

// In the vector registers that every x86-64 has: what compilers make of plain words takes four
// times as long, and this is a good part of the cost of sending a message.
bool IsPlainAsciiBlock(const unsigned char* bytes) {
  static_assert(kBlock == 4 * sizeof(__m128i));
  const auto load = [bytes](int i) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes) + i);
  };
  const __m128i a = load(0);
  const __m128i b = load(1);
  const __m128i c = load(2);
  const __m128i d = load(3);
  const __m128i least = _mm_min_epu8(_mm_min_epu8(a, b), _mm_min_epu8(c, d));
  const __m128i most = _mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d));
  // As signed bytes, those above 0x7F are below 0x20 too.
  const __m128i low = _mm_cmplt_epi8(least, _mm_set1_epi8(0x20));
  return _mm_movemask_epi8(_mm_or_si128(low, most)) == 0;
}

[[gnu::target("avx2")]] size_t PlainAsciiWide(const unsigned char* bytes, size_t size) {
  size_t at = 0;
  for (; at + 2 * kBlock <= size; at += 2 * kBlock) {
    const auto* block = reinterpret_cast<const __m256i*>(bytes + at);
    const __m256i a = _mm256_loadu_si256(block);
    const __m256i b = _mm256_loadu_si256(block + 1);
    const __m256i c = _mm256_loadu_si256(block + 2);
    const __m256i d = _mm256_loadu_si256(block + 3);
    // As signed bytes, those above 0x7F are below 0x20 too.
    const __m256i least = _mm256_min_epi8(_mm256_min_epi8(a, b), _mm256_min_epi8(c, d));
    if (_mm256_movemask_epi8(_mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), least)) != 0) break;
  }
  return at;
}

// How many bytes from the start, a multiple of kBlock, are seen at once to be plain ASCII; 0 where
// the processor has no wide registers.
size_t PlainAsciiStart(const unsigned char* bytes, size_t size) {
  return size >= 2 * kBlock && __builtin_cpu_supports("avx2") ? PlainAsciiWide(bytes, size) : 0;
}

#else

bool IsPlainAsciiBlock(const unsigned char* bytes) {
  uint64_t outside = 0;
  for (size_t at = 0; at < kBlock; at += 8) outside |= OutsidePlainAscii(LoadWord(bytes + at));
  return outside == 0;
}

size_t PlainAsciiStart(const unsigned char*, size_t) { return 0; }

#endif

// The same with tabs and ends of lines. Without branches and with a fixed length, so that compilers
// make vector instructions of it. As signed bytes, those above 0x7F are below 0x20 too.
bool IsXmlAsciiBlock(const unsigned char* bytes) {
  unsigned char wrong = 0;
  for (size_t i = 0; i < kBlock; ++i) {
    const signed char c = static_cast<signed char>(bytes[i]);
    wrong |= static_cast<unsigned char>((c < 0x20) & (c != '\t') & (c != '\n') & (c != '\r'));
  }
  return wrong == 0;
}

// ---- One character at a time.

bool IsTail(unsigned char byte) { return (byte & 0xC0) == 0x80; }

// The length of the allowed character at the start of `bytes`, of which `size` (at least 1) are
// left; 0 when there is none. Rule: table 3-7, "Well-Formed UTF-8 Byte Sequences", The Unicode
// Standard.
size_t CharacterLength(const unsigned char* bytes, size_t size) {
  const unsigned char first = bytes[0];
  if (first < 0x80) {
    return first >= 0x20 || first == '\t' || first == '\n' || first == '\r' ? 1 : 0;
  }
  if (first < 0xC2) return 0;  // a tail, or a longer form of an ASCII character
  if (first < 0xE0) return size >= 2 && IsTail(bytes[1]) ? 2 : 0;
  if (first < 0xF0) {
    if (size < 3 || !IsTail(bytes[1]) || !IsTail(bytes[2])) return 0;
    const uint32_t character = (first & 0x0Fu) << 12 | (bytes[1] & 0x3Fu) << 6 | (bytes[2] & 0x3Fu);
    const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
    return character >= 0x800 && !surrogate && character <= 0xFFFD ? 3 : 0;
  }
  if (first > 0xF4 || size < 4 || !IsTail(bytes[1]) || !IsTail(bytes[2]) || !IsTail(bytes[3])) {
    return 0;
  }
  const uint32_t upper = (first & 0x07u) << 6 | (bytes[1] & 0x3Fu);  // without the last twelve bits
  return upper >= 0x10 && upper <= 0x10F ? 4 : 0;
}

// ---- Digits.

constexpr std::string_view kBase64Digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr uint8_t kNoDigit = 0xFF;

constexpr std::array<uint8_t, 256> ValuesOf(std::string_view digits) {
  std::array<uint8_t, 256> values = {};
  values.fill(kNoDigit);
  for (size_t value = 0; value < digits.size(); ++value) {
    values[static_cast<unsigned char>(digits[value])] = static_cast<uint8_t>(value);
  }
  return values;
}
constexpr std::array<uint8_t, 256> kBase64Values = ValuesOf(kBase64Digits);
constexpr std::array<uint8_t, 256> kHexValues = ValuesOf(kHexDigits);

constexpr uint64_t kVersion = 0x0000000000004000u;  // 4, in the upper half
constexpr uint64_t kVersionMask = 0x000000000000F000u;
constexpr uint64_t kVariant = 0x8000000000000000u;  // of RFC 4122, in the lower half
constexpr uint64_t kVariantMask = 0xC000000000000000u;

// How many bytes of a UUID stand between its hyphens.
constexpr std::array<int, 5> kUuidGroups = {4, 2, 2, 2, 6};

}  // namespace

bool IsValidXmlUtf8(std::string_view text) {
  const unsigned char* bytes = reinterpret_cast<const unsigned char*>(text.data());
  size_t left = text.size();
  while (left > 0) {
    const size_t plain = PlainAsciiStart(bytes, left);
    bytes += plain;
    left -= plain;
    while (left >= kBlock && (IsPlainAsciiBlock(bytes) || IsXmlAsciiBlock(bytes))) {
      bytes += kBlock;
      left -= kBlock;
    }
    while (left >= 8 && OutsidePlainAscii(LoadWord(bytes)) == 0) {
      bytes += 8;
      left -= 8;
    }
    // Up to the next eight ASCII characters in a row.
    while (left > 0) {
      const bool ascii = bytes[0] < 0x80;
      const size_t length = CharacterLength(bytes, left);
      if (length == 0) return false;
      bytes += length;
      left -= length;
      if (ascii && left >= 8 && (LoadWord(bytes) & kHighBits) == 0) break;
    }
  }
  return true;
}

size_t XmlCharacterLength(std::string_view bytes) {
  if (bytes.empty()) return 0;
  return CharacterLength(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

std::string Base64Encode(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4, '=');
  char* next = text.data();
  for (size_t place = 0; place < bytes.size(); place += 3) {
    const size_t count = std::min<size_t>(bytes.size() - place, 3);
    uint32_t group = 0;
    for (size_t i = 0; i < 3; ++i) {
      group = group << 8 | (i < count ? static_cast<unsigned char>(bytes[place + i]) : 0u);
    }
    for (size_t i = 0; i <= count; ++i) next[i] = kBase64Digits[group >> (18 - 6 * i) & 63];
    next += 4;
  }
  return text;
}

std::optional<std::string> Base64Decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  size_t padding = 0;
  if (text.ends_with('=')) padding = text.ends_with("==") ? 2 : 1;
  std::string bytes(text.size() / 4 * 3, '\0');
  char* next = bytes.data();
  for (size_t place = 0; place < text.size(); place += 4) {
    const size_t digits = place + 4 == text.size() ? 4 - padding : 4;
    uint32_t group = 0;
    for (size_t i = 0; i < 4; ++i) {
      const uint8_t value =
          i < digits ? kBase64Values[static_cast<unsigned char>(text[place + i])] : 0;
      if (value == kNoDigit) return std::nullopt;
      group = group << 6 | value;
    }
    *next++ = static_cast<char>(group >> 16);
    *next++ = static_cast<char>(group >> 8 & 0xFF);
    *next++ = static_cast<char>(group & 0xFF);
  }
  // What stands where the padding is has to be zero bits.
  for (size_t i = 0; i < padding; ++i) {
    if (bytes.back() != '\0') return std::nullopt;
    bytes.pop_back();
  }
  return bytes;
}

std::string FormatUuid(uint64_t high, uint64_t low) {
  high = (high & ~kVersionMask) | kVersion;
  low = (low & ~kVariantMask) | kVariant;
  std::array<char, 36> text = {};
  char* end = text.data();
  int byte = 0;
  for (const int group : kUuidGroups) {
    if (byte > 0) *end++ = '-';
    for (const int last = byte + group; byte < last; ++byte) {
      const uint64_t value = (byte < 8 ? high : low) >> (56 - 8 * (byte % 8)) & 0xFF;
      *end++ = kHexDigits[value >> 4];
      *end++ = kHexDigits[value & 15];
    }
  }
  return std::string(text.data(), text.size());
}

std::optional<Uuid> ParseUuid(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid uuid;
  const char* next = text.data();
  int byte = 0;
  for (const int group : kUuidGroups) {
    if (byte > 0 && *next++ != '-') return std::nullopt;
    for (const int last = byte + group; byte < last; ++byte) {
      const uint8_t upper = kHexValues[static_cast<unsigned char>(*next++)];
      const uint8_t lower = kHexValues[static_cast<unsigned char>(*next++)];
      if (upper == kNoDigit || lower == kNoDigit) return std::nullopt;
      uint64_t& half = byte < 8 ? uuid.high : uuid.low;
      half = half << 8 | static_cast<uint64_t>(upper << 4 | lower);
    }
  }
  if ((uuid.high & kVersionMask) != kVersion || (uuid.low & kVariantMask) != kVariant) {
    return std::nullopt;
  }
  return uuid;
}

}  // namespace skybox::kernel
