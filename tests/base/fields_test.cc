#include "skybox/fields.h"

#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <vector>

#include "skybox/session.h"

namespace skybox::fields_test {

using skybox::operator==;

struct Parcel {
  int weight = 0;

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("Weight", self.weight);
  }
};

struct Shelf {
  std::vector<Parcel> parcels = {};
  std::optional<Parcel> first = {};

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("Parcels", self.parcels);
    visit("First", self.first);
  }
};

}  // namespace skybox::fields_test

TEST_CASE("Structs of a service, and what they hold, are compared from any namespace", "[fields]") {
  using skybox::fields_test::Shelf;
  const Shelf shelf = {.parcels = {{.weight = 1}, {.weight = 2}}, .first = {{.weight = 1}}};
  Shelf other = shelf;
  CHECK(shelf == other);
  other.parcels[1].weight = 3;
  CHECK(shelf != other);
  other = shelf;
  other.first.reset();
  CHECK(shelf != other);
  CHECK(std::vector<Shelf>{shelf} != std::vector<Shelf>{other});
}

TEST_CASE("Structs are equal when all their fields are", "[fields]") {
  const skybox::Session session = {.account = "123456789012", .mfa_authenticated = true};
  skybox::Session other = session;
  CHECK(session == other);
  other.mfa_authenticated = false;
  CHECK(session != other);
  other = session;
  other.user_agent = "agent";
  CHECK(session != other);
  CHECK(std::vector<skybox::Session>{session} != std::vector<skybox::Session>{other});
  CHECK(std::optional<skybox::Session>(session) != other);
}

TEST_CASE("What tells its members has fields", "[fields]") {
  STATIC_REQUIRE(skybox::HasFields<skybox::Session>);
  STATIC_REQUIRE_FALSE(skybox::HasFields<std::string>);
  STATIC_REQUIRE_FALSE(skybox::HasFields<int>);
}
