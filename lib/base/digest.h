#ifndef SKYBOX_BASE_DIGEST_H_
#define SKYBOX_BASE_DIGEST_H_

#include <bit>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "base/multiply.h"
#include "skybox/fields.h"
#include "skybox/text.h"

// Digests of values: numbers that are equal when the values are, in every process, on every
// machine, whatever built it. Not for cryptography.
namespace skybox::kernel {

// A hash of some bytes: 64 bits, the same in every process and on every machine.
uint64_t HashBytes(std::string_view bytes);

// A rolling digest of a sequence of values. It may be read at any time and continued afterwards.
class Hasher {
 public:
  Hasher() = default;
  // Goes on where another one, whose state() was kept, had come to.
  explicit Hasher(uint64_t state) : state_(state) {}

  // Integers of all widths, bool and enums, by value: -1 is -1 whatever its type.
  template <typename T>
    requires(std::integral<T> || std::is_enum_v<T>)
  void Add(T value) {
    if constexpr (std::is_enum_v<T>) {
      Add(static_cast<std::underlying_type_t<T>>(value));
    } else if constexpr (std::same_as<T, char>) {
      AddWord(static_cast<unsigned char>(value));  // char is signed on some machines only
    } else if constexpr (std::signed_integral<T>) {
      AddWord(static_cast<uint64_t>(static_cast<int64_t>(value)));
    } else {
      AddWord(static_cast<uint64_t>(value));
    }
  }

  // 0.0 and -0.0 are one value, and all NaNs are.
  void Add(double value) {
    if (value == 0) value = 0;
    AddWord(value != value ? 0x7FF8000000000000u : std::bit_cast<uint64_t>(value));
  }

  // Length and bytes.
  void Add(std::string_view bytes);

  // By its hash, which all copies share: a body of megabytes is read once.
  template <std::same_as<Text> T>  // nothing converts to it: a std::string is digested as bytes
  void Add(const T& text) {
    AddWord(text.Hash());
  }

  // In nanoseconds; what is beyond the years 1677 to 2262 is digested as the end of that range.
  void Add(absl::Duration duration) {
    AddNanoseconds(absl::ToInt64Nanoseconds(duration),
                   duration == absl::InfiniteDuration() || duration == -absl::InfiniteDuration());
  }
  void Add(absl::Time time) { Add(time - absl::UnixEpoch()); }

  uint64_t value() const {
    uint64_t hash = state_;
    hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9u;
    hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBu;
    return hash ^ (hash >> 31);
  }

  // All that it knows, for a snapshot.
  uint64_t state() const { return state_; }

 private:
  void AddWord(uint64_t word) {
    const Product product = Multiply(state_ ^ word, 0x5851F42D4C957F2Du);
    state_ = product.high ^ product.low;
  }
  void AddNanoseconds(int64_t nanoseconds, bool infinite) {
    AddWord(static_cast<uint64_t>(nanoseconds));
    if (infinite) AddWord(0x1F83D9ABFB41BD6Bu);
  }

  uint64_t state_ = 0x243F6A8885A308D3u;
};

// Digests every struct with Fields: its members in their order, without their names, so that a
// member may be renamed. A member may be a number, bool, enum, double, absl::Time or Duration,
// std::string, Text, an optional, vector, set or map of these, a struct with Fields, or a type with
// `uint64_t DigestValue() const`. An Md5 is left out: it follows from what else is there.
class DigestVisitor {
 public:
  explicit DigestVisitor(Hasher& hasher) : hasher_(hasher) {}

  template <typename Member>
  void operator()(std::string_view, const Member& member, Field = Field::kPlain) {
    Add(member);
  }

  template <typename T>
  void Add(const T& value) {
    if constexpr (std::same_as<T, Md5>) {
      return;
    } else if constexpr (requires {
                           { value.DigestValue() } -> std::same_as<uint64_t>;
                         }) {
      hasher_.Add(value.DigestValue());
    } else if constexpr (HasFields<T>) {
      T::Fields(value, *this);
    } else {
      hasher_.Add(value);
    }
  }

  template <typename T>
  void Add(const std::optional<T>& value) {
    hasher_.Add(value.has_value());
    if (value.has_value()) Add(*value);
  }

  template <typename T>
  void Add(const std::vector<T>& values) {
    hasher_.Add(values.size());
    for (const T& value : values) Add(value);
  }

  template <typename T, typename Less>
  void Add(const std::set<T, Less>& values) {
    hasher_.Add(values.size());
    for (const T& value : values) Add(value);
  }

  template <typename Key, typename T, typename Less>
  void Add(const std::map<Key, T, Less>& values) {
    hasher_.Add(values.size());
    for (const auto& [key, value] : values) {
      Add(key);
      Add(value);
    }
  }

 private:
  Hasher& hasher_;
};

// Adds a value of any type that DigestVisitor knows.
template <typename T>
void AddValue(Hasher& hasher, const T& value) {
  DigestVisitor(hasher).Add(value);
}

// The digest of one value alone.
template <typename T>
uint64_t DigestOf(const T& value) {
  Hasher hasher;
  AddValue(hasher, value);
  return hasher.value();
}

}  // namespace skybox::kernel

#endif  // SKYBOX_BASE_DIGEST_H_
