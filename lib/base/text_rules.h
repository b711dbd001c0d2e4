#ifndef SKYBOX_BASE_TEXT_RULES_H_
#define SKYBOX_BASE_TEXT_RULES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Rules of text that several services share.
namespace skybox::kernel {

// Whether the bytes are well-formed UTF-8 of characters that XML allows:
// #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.
// Rule: "Char", Extensible Markup Language 1.0, fifth edition, section 2.2.
bool IsValidXmlUtf8(std::string_view bytes);

// The length of such a character at the start of the bytes: 1 to 4; 0 when there is none.
size_t XmlCharacterLength(std::string_view bytes);

// Rule: RFC 4648, section 4 (A to Z, a to z, 0 to 9, + and /, with padding).
std::string Base64Encode(std::string_view bytes);

// The bytes; nothing when the text is not what Base64Encode gives for any bytes: no white space, no
// missing padding, no stray bits under the padding.
std::optional<std::string> Base64Decode(std::string_view text);

// The 128 bits of a UUID.
struct Uuid {
  uint64_t high = 0;
  uint64_t low = 0;
  bool operator==(const Uuid&) const = default;
};

// A UUID of version 4, such as "0a1b2c3d-4e5f-4678-9abc-def012345678": 36 characters, lower case.
// The six bits that tell version and variant take the place of what is given there. Rule: RFC 4122,
// sections 3 and 4.4.
std::string FormatUuid(uint64_t high, uint64_t low);

// Nothing when the text is not what FormatUuid gives for any bits.
std::optional<Uuid> ParseUuid(std::string_view text);

}  // namespace skybox::kernel

#endif  // SKYBOX_BASE_TEXT_RULES_H_
