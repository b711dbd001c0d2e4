#ifndef SKYBOX_FIELDS_H_
#define SKYBOX_FIELDS_H_

#include <cstdint>
#include <string_view>

// Every request, response and resource struct tells its members once, in a static function template
// `Fields(self, visit)` that calls `visit(name, member)` or `visit(name, member, field)` for each
// of them, with the service API's own member name. Equality, printing, digests, records, snapshots
// and protocols are visitors.
namespace skybox {

// What a visitor has to know of a member beyond its type.
enum class Field : uint8_t {
  kPlain,
  kSensitive,     // content that trails and printing leave out
  kSeconds,       // a duration or time that the API writes as whole seconds
  kMilliseconds,  // a duration or time that the API writes as whole milliseconds
};
inline constexpr Field kSensitive = Field::kSensitive;
inline constexpr Field kSeconds = Field::kSeconds;
inline constexpr Field kMilliseconds = Field::kMilliseconds;

namespace internal {
struct ProbeVisitor {
  template <typename Member>
  void operator()(std::string_view, Member&, Field = Field::kPlain) {}
};
}  // namespace internal

template <typename T>
concept HasFields =
    requires(const T& value, internal::ProbeVisitor& visit) { T::Fields(value, visit); };

namespace internal {
template <typename T>
struct EqualityVisitor {
  const T& a;
  const T& b;
  bool equal = true;

  // Both are of one type, so a member lies equally far from the start of either.
  template <typename Member>
  void operator()(std::string_view, const Member& member, Field = Field::kPlain) {
    const auto offset = reinterpret_cast<const char*>(&member) - reinterpret_cast<const char*>(&a);
    equal = equal &&
            member == *reinterpret_cast<const Member*>(reinterpret_cast<const char*>(&b) + offset);
  }
};
}  // namespace internal

// Two structs are equal when all their fields are. A service's header says `using
// skybox::operator==;` in its namespace: what compares, in std or in a test, looks for it only
// there.
template <HasFields T>
bool operator==(const T& a, const T& b) {
  internal::EqualityVisitor<T> visitor{a, b};
  T::Fields(a, visitor);
  return visitor.equal;
}

}  // namespace skybox

#endif  // SKYBOX_FIELDS_H_
