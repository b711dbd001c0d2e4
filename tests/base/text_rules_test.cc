#include "base/text_rules.h"

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "skybox/choices.h"

using skybox::RandomStream;
using skybox::kernel::Base64Decode;
using skybox::kernel::Base64Encode;
using skybox::kernel::FormatUuid;
using skybox::kernel::IsValidXmlUtf8;
using skybox::kernel::ParseUuid;
using skybox::kernel::Uuid;
using skybox::kernel::XmlCharacterLength;

namespace {

// The UTF-8 form of any number up to 0x1FFFFF, also where there is no such character.
std::string Utf8(uint32_t c) {
  std::string text;
  if (c < 0x80) {
    text += static_cast<char>(c);
  } else if (c < 0x800) {
    text += static_cast<char>(0xC0 | c >> 6);
    text += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    text += static_cast<char>(0xE0 | c >> 12);
    text += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    text += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    text += static_cast<char>(0xF0 | c >> 18);
    text += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    text += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    text += static_cast<char>(0x80 | (c & 0x3F));
  }
  return text;
}

// The rule as it is written down.
bool IsXmlChar(uint32_t c) {
  return c == 0x9 || c == 0xA || c == 0xD || (c >= 0x20 && c <= 0xD7FF) ||
         (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

}  // namespace

// ---- Characters.

TEST_CASE("Text may have the characters of XML and no others", "[text_rules][utf8]") {
  uint32_t wrong = 0;
  for (uint32_t c = 0; c <= 0x1FFFFF; ++c) {
    wrong += IsValidXmlUtf8(Utf8(c)) != IsXmlChar(c);
  }
  CHECK(wrong == 0);
}

TEST_CASE("Of ASCII all but the control characters are allowed, of these tab and line ends",
          "[text_rules][utf8]") {
  CHECK(IsValidXmlUtf8(""));
  CHECK(IsValidXmlUtf8("plain"));
  CHECK(IsValidXmlUtf8("tab\tline\nreturn\r"));
  CHECK(IsValidXmlUtf8("\x7F"));
  CHECK(IsValidXmlUtf8(" "));
  CHECK_FALSE(IsValidXmlUtf8("\x1F"));
  CHECK_FALSE(IsValidXmlUtf8("\x08"));
  CHECK_FALSE(IsValidXmlUtf8("\x0B"));
  CHECK_FALSE(IsValidXmlUtf8("\x0C"));
  CHECK_FALSE(IsValidXmlUtf8("\x0E"));
  CHECK_FALSE(IsValidXmlUtf8(std::string_view("\0", 1)));
}

TEST_CASE("A character is found out wherever it stands", "[text_rules][utf8]") {
  for (size_t size = 1; size < 150; ++size) {
    for (size_t place = 0; place < size; ++place) {
      for (const char byte : {'\0', '\x01', '\x0B', '\x1F', '\x80', '\xFF', '\xC3'}) {
        std::string text(size, 'x');
        text[place] = byte;
        if (IsValidXmlUtf8(text)) FAIL("size " << size << ", place " << place);
      }
      for (const char byte : {'\t', '\n', '\r', ' ', '\x7F'}) {
        std::string text(size, 'x');
        text[place] = byte;
        if (!IsValidXmlUtf8(text)) FAIL("size " << size << ", place " << place);
      }
      if (!IsValidXmlUtf8(std::string(place, 'x') + "\xE2\x82\xAC" + std::string(size, '\n'))) {
        FAIL("size " << size << ", place " << place);
      }
      if (IsValidXmlUtf8(std::string(place, 'x') + "\xE2\x82\xAC\x01" + std::string(size, '\n'))) {
        FAIL("size " << size << ", place " << place);
      }
    }
  }
}

TEST_CASE("A character that is cut short is not allowed", "[text_rules][utf8]") {
  for (const std::string_view whole : {"\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"}) {
    CHECK(IsValidXmlUtf8(whole));
    for (size_t size = 1; size < whole.size(); ++size) {
      CHECK_FALSE(IsValidXmlUtf8(whole.substr(0, size)));
      CHECK_FALSE(IsValidXmlUtf8(std::string(whole.substr(0, size)) + "abc"));
      CHECK_FALSE(IsValidXmlUtf8("abc" + std::string(whole.substr(size))));
    }
  }
}

TEST_CASE("A character in a longer form than it needs is not allowed", "[text_rules][utf8]") {
  CHECK_FALSE(IsValidXmlUtf8("\xC0\x80"));
  CHECK_FALSE(IsValidXmlUtf8("\xC1\xBF"));
  CHECK_FALSE(IsValidXmlUtf8("\xE0\x9F\xBF"));
  CHECK_FALSE(IsValidXmlUtf8("\xF0\x8F\xBF\xBF"));
  CHECK_FALSE(IsValidXmlUtf8("\xF8\x88\x80\x80\x80"));
}

TEST_CASE("Surrogates and what lies beyond Unicode are not allowed", "[text_rules][utf8]") {
  CHECK(IsValidXmlUtf8("\xED\x9F\xBF"));            // U+D7FF
  CHECK_FALSE(IsValidXmlUtf8("\xED\xA0\x80"));      // U+D800
  CHECK_FALSE(IsValidXmlUtf8("\xED\xBF\xBF"));      // U+DFFF
  CHECK(IsValidXmlUtf8("\xEE\x80\x80"));            // U+E000
  CHECK(IsValidXmlUtf8("\xEF\xBF\xBD"));            // U+FFFD
  CHECK_FALSE(IsValidXmlUtf8("\xEF\xBF\xBE"));      // U+FFFE
  CHECK_FALSE(IsValidXmlUtf8("\xEF\xBF\xBF"));      // U+FFFF
  CHECK(IsValidXmlUtf8("\xF0\x90\x80\x80"));        // U+10000
  CHECK(IsValidXmlUtf8("\xF4\x8F\xBF\xBF"));        // U+10FFFF
  CHECK_FALSE(IsValidXmlUtf8("\xF4\x90\x80\x80"));  // U+110000
}

TEST_CASE("Text of many characters is judged character by character", "[text_rules][utf8]") {
  RandomStream random(1, "utf8");
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    bool valid = true;
    const uint64_t count = random.Below(60);
    for (uint64_t i = 0; i < count; ++i) {
      constexpr uint32_t kLimits[] = {0x80, 0x80, 0x80, 0x800, 0x10000, 0x110000};
      uint32_t c = static_cast<uint32_t>(random.Below(kLimits[random.Below(6)]));
      if (!IsXmlChar(c) && random.Chance(49, 50)) c = '\n';
      text += Utf8(c);
      valid = valid && IsXmlChar(c);
    }
    if (IsValidXmlUtf8(text) != valid) FAIL("round " << round);
  }
}

TEST_CASE("The first character of some bytes has a length", "[text_rules][utf8]") {
  CHECK(XmlCharacterLength("") == 0);
  CHECK(XmlCharacterLength("ab") == 1);
  CHECK(XmlCharacterLength("\xC3\xA9x") == 2);
  CHECK(XmlCharacterLength("\xE2\x82\xACx") == 3);
  CHECK(XmlCharacterLength("\xF0\x9F\x98\x80x") == 4);
  CHECK(XmlCharacterLength("\xF0\x9F\x98") == 0);
  CHECK(XmlCharacterLength("\x01") == 0);
}

// ---- Base64.

// Rule: RFC 4648, section 10.
TEST_CASE("Base64 has the standard's test vectors", "[text_rules][base64]") {
  CHECK(Base64Encode("") == "");
  CHECK(Base64Encode("f") == "Zg==");
  CHECK(Base64Encode("fo") == "Zm8=");
  CHECK(Base64Encode("foo") == "Zm9v");
  CHECK(Base64Encode("foob") == "Zm9vYg==");
  CHECK(Base64Encode("fooba") == "Zm9vYmE=");
  CHECK(Base64Encode("foobar") == "Zm9vYmFy");
  CHECK(Base64Encode("\xFB\xEF\xBE\xFF\xFF\xFF") == "++++////");
}

TEST_CASE("Base64 gives back any bytes", "[text_rules][base64]") {
  RandomStream random(1, "base64");
  for (size_t size = 0; size < 300; ++size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random.Next() & 0xFF);
    CHECK(Base64Decode(Base64Encode(bytes)) == bytes);
  }
}

TEST_CASE("Base64 takes nothing but what it gives", "[text_rules][base64]") {
  for (const std::string_view text :
       {"Z", "Zg", "Zg=", "Zg===", "=", "==", "====", "=Zg=", "Z===", "Zg==Zg==", "Zm9v\n", "Zm 9v",
        "Zm9-", "Zm9_", "Z=9v", "Zm=v", "Zm9v====", "Zm9v=", "Zm\x80v"}) {
    CHECK(Base64Decode(text) == std::nullopt);
  }
  CHECK(Base64Decode("Zh==") == std::nullopt);  // bits under the padding
  CHECK(Base64Decode("Zm9=") == std::nullopt);
  CHECK(Base64Decode(std::string_view("Zm\0v", 4)) == std::nullopt);
}

// ---- UUIDs.

TEST_CASE("A UUID is 36 characters with version 4 and its variant", "[text_rules][uuid]") {
  CHECK(FormatUuid(0, 0) == "00000000-0000-4000-8000-000000000000");
  CHECK(FormatUuid(~uint64_t{0}, ~uint64_t{0}) == "ffffffff-ffff-4fff-bfff-ffffffffffff");
  CHECK(FormatUuid(0x0123456789ABCDEF, 0xFEDCBA9876543210) ==
        "01234567-89ab-4def-bedc-ba9876543210");
}

TEST_CASE("A UUID is read as it is written", "[text_rules][uuid]") {
  const std::optional<Uuid> uuid = ParseUuid("01234567-89ab-4def-bedc-ba9876543210");
  REQUIRE(uuid.has_value());
  CHECK(uuid->high == 0x0123456789AB4DEF);
  CHECK(uuid->low == 0xBEDCBA9876543210);
  CHECK(FormatUuid(uuid->high, uuid->low) == "01234567-89ab-4def-bedc-ba9876543210");
}

TEST_CASE("A UUID in any other form is none", "[text_rules][uuid]") {
  CHECK(ParseUuid("") == std::nullopt);
  CHECK(ParseUuid("01234567-89ab-4def-bedc-ba987654321") == std::nullopt);
  CHECK(ParseUuid("01234567-89ab-4def-bedc-ba98765432100") == std::nullopt);
  CHECK(ParseUuid("01234567-89AB-4def-bedc-ba9876543210") == std::nullopt);
  CHECK(ParseUuid("0123456789ab-4def-bedc-ba9876543210--") == std::nullopt);
  CHECK(ParseUuid("01234567+89ab-4def-bedc-ba9876543210") == std::nullopt);
  CHECK(ParseUuid("g1234567-89ab-4def-bedc-ba9876543210") == std::nullopt);
  CHECK(ParseUuid("0-234567-89ab-4def-bedc-ba9876543210") == std::nullopt);
  CHECK(ParseUuid("01234567-89ab-1def-bedc-ba9876543210") == std::nullopt);  // version 1
  CHECK(ParseUuid("01234567-89ab-4def-cedc-ba9876543210") == std::nullopt);  // another variant
  CHECK(ParseUuid("01234567-89ab-4def-7edc-ba9876543210") == std::nullopt);
}
