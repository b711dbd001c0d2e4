#include "skybox/text.h"

#include <catch2/catch.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

using skybox::Md5;
using skybox::Text;

TEST_CASE("A text is the bytes it was made of", "[text]") {
  const std::string bytes("a\0b\xFF", 4);
  const Text text = bytes;
  CHECK(text.size() == 4);
  CHECK(text.view() == bytes);
  CHECK(text.str() == bytes);
  CHECK(std::string_view(text) == bytes);
  CHECK(std::string_view(text.data(), text.size()) == bytes);
  CHECK_FALSE(text.empty());
}

TEST_CASE("A text of no bytes is the default one", "[text]") {
  CHECK(Text().empty());
  CHECK(Text("").empty());
  CHECK(Text(std::string_view()).size() == 0);
  CHECK(Text("") == Text());
  CHECK(Text("").SharesWith(Text()));
  CHECK(Text().view().empty());
  CHECK(Text().Hash() == 0);
}

TEST_CASE("Copies of a text share one store", "[text]") {
  const Text text = "body";
  const Text copy = text;
  CHECK(copy.SharesWith(text));
  CHECK(copy.data() == text.data());
  CHECK_FALSE(Text("body").SharesWith(text));
}

TEST_CASE("A text outlives the text it was copied from", "[text]") {
  Text copy;
  {
    const Text text = "body";
    copy = text;
  }
  CHECK(copy == "body");
}

TEST_CASE("A text can be assigned to itself", "[text]") {
  Text text = "body";
  const Text& same = text;
  text = same;
  CHECK(text == "body");
  Text& again = text;
  text = std::move(again);
  CHECK(text == "body");
}

TEST_CASE("A text that was moved gives up its bytes", "[text]") {
  Text text = "body";
  const Text moved = std::move(text);
  CHECK(moved == "body");
  CHECK(text.empty());  // NOLINT(bugprone-use-after-move)
}

TEST_CASE("Texts are equal when their bytes are", "[text]") {
  CHECK(Text("body") == Text("body"));
  CHECK(Text("body") != Text("Body"));
  CHECK(Text("body") != Text("body "));
  CHECK(Text("body") == "body");
  CHECK("body" == Text("body"));
  CHECK(Text("body") == std::string("body"));
  CHECK(Text("body") == std::string_view("body"));
  CHECK(Text("body") != "other");
}

TEST_CASE("The hash of a text has a published value, whether it keeps it or not", "[text]") {
  CHECK(Text("abc").Hash() == 0x7481B3C9C205896Eu);
  CHECK(Text("The quick brown fox jumps over the lazy dog").Hash() == 0x69F8F72D5377FA51u);
  CHECK(Text(std::string(1000, 'x')).Hash() == 0x640948DAEB6E179Bu);
  const Text longer = std::string(5000, 'y');  // keeps its hash
  const uint64_t hash = longer.Hash();
  CHECK(longer.Hash() == hash);
  CHECK(Text(longer.view()).Hash() == hash);
  CHECK(Text(std::string(4999, 'y') + 'z').Hash() != hash);
}

TEST_CASE("Equal texts have equal hashes, whether they share or not", "[text]") {
  const Text text = "abc";
  const Text copy = text;
  CHECK(copy.Hash() == text.Hash());
  CHECK(text.Hash() == Text("abc").Hash());
  CHECK(text.Hash() != Text("abd").Hash());
}

TEST_CASE("Copies of a text may be read and destroyed on different threads", "[text]") {
  for (int round = 0; round < 100; ++round) {
    Text text = "shared body";
    std::vector<std::thread> threads;
    std::vector<size_t> sizes(2, 0);
    for (size_t i = 0; i < 2; ++i) {
      threads.emplace_back([copy = text, &size = sizes[i]]() mutable {
        for (int turn = 0; turn < 100; ++turn) {
          const Text another = copy;
          size += another.size() + another.Hash() % 2;
        }
        copy = Text();
      });
    }
    text = Text();
    for (std::thread& thread : threads) thread.join();
    CHECK(sizes[0] == sizes[1]);
  }
}

// Rule: RFC 1321, section A.5.
TEST_CASE("An MD5 is 32 hexadecimal digits", "[text][md5]") {
  CHECK(Md5(Text("")).str() == "d41d8cd98f00b204e9800998ecf8427e");
  CHECK(Md5(Text("abc")).str() == "900150983cd24fb0d6963f7d28e17f72");
  CHECK(Md5(Text("message digest")).str() == "f96b697d7cb7938d525a2f31aaf161d0");
}

TEST_CASE("An MD5 counts all bytes, zeros too", "[text][md5]") {
  CHECK(Md5(Text(std::string_view("\0", 1))).str() == "93b885adfe0da089cdf634904fd59f71");
  CHECK(Md5(Text(std::string_view("a\0b", 3))) != Md5(Text("a")).str());
}

TEST_CASE("An MD5 of nothing at all is empty, that of an empty body is not", "[text][md5]") {
  CHECK(Md5().empty());
  CHECK(Md5().str().empty());
  CHECK_FALSE(Md5(Text()).empty());
  CHECK(Md5() != Md5(Text()));
  CHECK(Md5() == "");
}

TEST_CASE("MD5s compare with each other and with text", "[text][md5]") {
  const Md5 md5(Text("abc"));
  CHECK(md5 == Md5(Text("abc")));
  CHECK(md5 != Md5(Text("abd")));
  CHECK(md5 == "900150983cd24fb0d6963f7d28e17f72");
  CHECK("900150983cd24fb0d6963f7d28e17f72" == md5);
  CHECK(md5 == std::string("900150983cd24fb0d6963f7d28e17f72"));
  const std::string text = md5;
  CHECK(text == md5);
}
