#ifndef SKYBOX_TESTS_DIGEST_WITNESS_H_
#define SKYBOX_TESTS_DIGEST_WITNESS_H_

#include <bit>
#include <cinttypes>
#include <concepts>
#include <cstdint>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "skybox/cloud.h"
#include "skybox/fields.h"
#include "skybox/sqs.h"
#include "skybox/status.h"

namespace life {

// Folds what a program sees of a world into one number: answers as they print, so that a message id
// or an MD5 which only looks different is different. The arithmetic is its own (FNV-1a), for
// nothing may hang on the library's digests being right.
class Witness {
 public:
  template <typename T>
  void See(const T& value) {
    if constexpr (std::same_as<T, absl::Status>) {
      See(static_cast<int>(value.code()));
      See(skybox::ErrorCode(value));
      Fold(std::string_view(value.message().data(), value.message().size()));
    } else if constexpr (std::convertible_to<const T&, std::string_view>) {
      Fold(std::string_view(value));
    } else if constexpr (std::same_as<T, double>) {
      Fold(std::bit_cast<uint64_t>(value));
    } else if constexpr (std::integral<T>) {
      Fold(static_cast<uint64_t>(value));
    } else if constexpr (std::same_as<T, absl::Duration>) {
      See(absl::ToInt64Nanoseconds(value));
    } else if constexpr (std::same_as<T, absl::Time>) {
      See(absl::ToUnixNanos(value));
    } else if constexpr (requires { std::string(value.str()); }) {
      See(value.str());
    } else {
      if constexpr (std::same_as<T, skybox::sqs::Message>) See(value.receive_count);
      T::Fields(value, *this);
    }
  }
  template <typename T>
  void See(const std::optional<T>& value) {
    See(value.has_value());
    if (value.has_value()) See(*value);
  }
  template <typename T>
  void See(const absl::StatusOr<T>& answer) {
    See(answer.status());
    if (answer.ok()) See(*answer);
  }
  template <typename T>
  void See(const std::vector<T>& values) {
    See(values.size());
    for (const T& value : values) See(value);
  }
  template <typename T>
  void See(const std::map<std::string, T>& values) {
    See(values.size());
    for (const auto& [key, value] : values) {
      See(key);
      See(value);
    }
  }

  // For Fields.
  template <typename Member>
  void operator()(std::string_view name, const Member& member,
                  skybox::Field = skybox::Field::kPlain) {
    See(name);
    See(member);
  }

  // One line of the comparison: what happened last, all that was seen so far, and the world as it
  // is.
  void Tell(std::string_view event) const {
    std::printf("%.*s seen=%016" PRIx64 "\n", static_cast<int>(event.size()), event.data(), hash_);
  }
  void Tell(std::string_view event, const skybox::Cloud& cloud) const {
    std::printf("%.*s now=%" PRId64 " seen=%016" PRIx64 " %s\n", static_cast<int>(event.size()),
                event.data(), absl::ToUnixNanos(cloud.Now()), hash_, cloud.Digest().str().c_str());
  }

 private:
  void Fold(uint64_t number) {
    for (int shift = 0; shift < 64; shift += 8) FoldByte(number >> shift & 0xFF);
  }
  void Fold(std::string_view text) {
    Fold(uint64_t{text.size()});
    for (const char c : text) FoldByte(static_cast<unsigned char>(c));
  }
  void FoldByte(uint64_t byte) { hash_ = (hash_ ^ byte) * 0x100000001B3u; }

  uint64_t hash_ = 0xCBF29CE484222325u;
};

}  // namespace life

#endif  // SKYBOX_TESTS_DIGEST_WITNESS_H_
