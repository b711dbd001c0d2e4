#ifndef SKYBOX_BASE_PRINT_H_
#define SKYBOX_BASE_PRINT_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "skybox/fields.h"
#include "skybox/text.h"

// Structs with Fields as one line of JSON, for messages, trails and tests.
namespace skybox::kernel {

// Writes JSON piece by piece: commas are its business.
class JsonWriter {
 public:
  void BeginObject() { Begin('{'); }
  void EndObject() { End('}'); }
  void BeginArray() { Begin('['); }
  void EndArray() { End(']'); }
  void Key(std::string_view name);

  // Bytes that are no character become U+FFFD each, so that the text is always JSON.
  void String(std::string_view bytes);
  void Integer(int64_t value);
  void Unsigned(uint64_t value);
  // The shortest digits that mean this number; "NaN", "Infinity" and "-Infinity" as strings.
  void Double(double value);
  void Bool(bool value);
  // Seconds and milliseconds as integers, without their fraction; a plain duration as absl prints
  // it, "1m30s"; a plain time in nanoseconds since 1970. Infinite ones as strings.
  void Duration(absl::Duration value, Field field);
  void Time(absl::Time value, Field field);
  // What stands for sensitive content: "<5 bytes>".
  void Hidden(size_t size, std::string_view unit);

  std::string Take() { return std::move(text_); }

 private:
  void Begin(char bracket);
  void End(char bracket);
  void Separate();

  std::string text_;
  bool comma_ = false;  // whether the next value or key needs one before it
};

// Names as given; absent optionals are left out; of sensitive members the size only. Beyond what
// DigestVisitor knows, a type may have `str()`.
class PrintVisitor {
 public:
  explicit PrintVisitor(JsonWriter& json) : json_(json) {}

  template <typename Member>
  void operator()(std::string_view name, const Member& member, Field field = Field::kPlain) {
    json_.Key(name);
    Print(member, field);
  }
  template <typename Member>
  void operator()(std::string_view name, const std::optional<Member>& member,
                  Field field = Field::kPlain) {
    if (member.has_value()) (*this)(name, *member, field);
  }

  template <typename T>
  void Print(const T& value, Field field) {
    if constexpr (std::convertible_to<const T&, std::string_view>) {
      const std::string_view bytes = value;
      field == kSensitive ? json_.Hidden(bytes.size(), "bytes") : json_.String(bytes);
    } else if constexpr (requires { value.size(), value.begin(); }) {
      field == kSensitive ? json_.Hidden(value.size(), "items") : PrintAll(value, field);
    } else if (field == kSensitive) {
      json_.String("<hidden>");
    } else if constexpr (std::same_as<T, bool>) {
      json_.Bool(value);
    } else if constexpr (std::is_enum_v<T>) {
      Print(static_cast<std::underlying_type_t<T>>(value), field);
    } else if constexpr (std::signed_integral<T>) {
      json_.Integer(value);
    } else if constexpr (std::unsigned_integral<T>) {
      json_.Unsigned(value);
    } else if constexpr (std::floating_point<T>) {
      json_.Double(value);
    } else if constexpr (std::same_as<T, absl::Duration>) {
      json_.Duration(value, field);
    } else if constexpr (std::same_as<T, absl::Time>) {
      json_.Time(value, field);
    } else if constexpr (requires { std::string_view(value.str()); }) {
      json_.String(value.str());
    } else {
      static_assert(HasFields<T>, "no way to print a member of this type");
      json_.BeginObject();
      T::Fields(value, *this);
      json_.EndObject();
    }
  }

 private:
  template <typename Values>
  void PrintAll(const Values& values, Field field) {
    json_.BeginArray();
    for (const auto& value : values) Print(value, field);
    json_.EndArray();
  }
  template <typename Key, typename T, typename Less>
  void PrintAll(const std::map<Key, T, Less>& values, Field field) {
    json_.BeginObject();
    for (const auto& [key, value] : values) {
      json_.Key(std::string_view(key));
      Print(value, field);
    }
    json_.EndObject();
  }

  JsonWriter& json_;
};

// {"QueueUrl":"...","MessageBody":"<5 bytes>","DelaySeconds":30}
template <HasFields T>
std::string ToJsonText(const T& value) {
  JsonWriter json;
  json.BeginObject();
  PrintVisitor visit(json);
  T::Fields(value, visit);
  json.EndObject();
  return json.Take();
}

}  // namespace skybox::kernel

#endif  // SKYBOX_BASE_PRINT_H_
