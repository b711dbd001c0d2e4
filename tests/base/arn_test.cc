#include "skybox/arn.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

using skybox::Arn;
using skybox::DnsSuffixOf;
using skybox::IsAccountId;
using skybox::IsRegion;
using skybox::PartitionOf;

namespace {

std::string ErrorOf(const std::string& text) {
  const absl::StatusOr<Arn> arn = Arn::Parse(text);
  CHECK(arn.status().code() == absl::StatusCode::kInvalidArgument);
  return std::string(arn.status().message());
}

}  // namespace

TEST_CASE("An ARN has six parts", "[arn]") {
  const absl::StatusOr<Arn> arn = Arn::Parse("arn:aws-cn:sqs:cn-north-1:123456789012:orders");
  REQUIRE(arn.ok());
  CHECK(arn->partition == "aws-cn");
  CHECK(arn->service == "sqs");
  CHECK(arn->region == "cn-north-1");
  CHECK(arn->account == "123456789012");
  CHECK(arn->resource == "orders");
}

TEST_CASE("The resource is everything after the fifth colon", "[arn]") {
  const absl::StatusOr<Arn> arn =
      Arn::Parse("arn:aws:sns:us-east-1:123456789012:topic:0b2f::x/y z");
  REQUIRE(arn.ok());
  CHECK(arn->resource == "topic:0b2f::x/y z");
}

TEST_CASE("Region and account may be empty", "[arn]") {
  const absl::StatusOr<Arn> arn = Arn::Parse("arn:aws:s3:::bucket/key");
  REQUIRE(arn.ok());
  CHECK(arn->region.empty());
  CHECK(arn->account.empty());
  CHECK(arn->resource == "bucket/key");
}

TEST_CASE("An account need not be a number", "[arn]") {
  const absl::StatusOr<Arn> arn = Arn::Parse("arn:aws:iam::aws:policy/AdministratorAccess");
  REQUIRE(arn.ok());
  CHECK(arn->account == "aws");
}

TEST_CASE("An ARN prints as it was read", "[arn]") {
  for (const char* text : {"arn:aws:sqs:us-east-1:123456789012:orders", "arn:aws:s3:::bucket/key",
                           "arn:aws:iam::aws:policy/Admin", "arn:aws:sns:eu-west-1:1:a:b::"}) {
    const absl::StatusOr<Arn> arn = Arn::Parse(text);
    REQUIRE(arn.ok());
    CHECK(arn->str() == text);
  }
}

TEST_CASE("An ARN is of the partition aws unless it says otherwise", "[arn]") {
  const Arn arn = {.service = "sqs", .region = "us-east-1", .account = "1", .resource = "orders"};
  CHECK(arn.str() == "arn:aws:sqs:us-east-1:1:orders");
}

TEST_CASE("ARNs are equal when all their parts are", "[arn]") {
  const Arn arn = {.service = "sqs", .resource = "orders"};
  Arn other = arn;
  CHECK(arn == other);
  other.account = "123456789012";
  CHECK(arn != other);
}

TEST_CASE("What is not an ARN is refused by name", "[arn]") {
  CHECK(ErrorOf("orders") ==
        "'orders' is not an ARN: it has not the form "
        "arn:partition:service:region:account:resource");
  CHECK(ErrorOf("").find("''") == 0);
  CHECK(ErrorOf("arn:aws:sqs:us-east-1:orders").find("'arn:aws:sqs:us-east-1:orders'") == 0);
  CHECK(ErrorOf("urn:aws:sqs:us-east-1:1:orders").find("begin with 'arn:'") != std::string::npos);
  CHECK(ErrorOf("ARN:aws:sqs:us-east-1:1:orders").find("begin with 'arn:'") != std::string::npos);
  CHECK(ErrorOf("arn::sqs:us-east-1:1:orders").find("partition is empty") != std::string::npos);
  CHECK(ErrorOf("arn:aws::us-east-1:1:orders").find("service is empty") != std::string::npos);
  CHECK(ErrorOf("arn:aws:sqs:us-east-1:1:").find("resource is empty") != std::string::npos);
}

TEST_CASE("A region belongs to a partition", "[arn]") {
  CHECK(PartitionOf("us-east-1") == "aws");
  CHECK(PartitionOf("eu-central-2") == "aws");
  CHECK(PartitionOf("cn-northwest-1") == "aws-cn");
  CHECK(PartitionOf("us-gov-west-1") == "aws-us-gov");
  CHECK(PartitionOf("us-iso-east-1") == "aws-iso");
  CHECK(PartitionOf("us-isob-east-1") == "aws-iso-b");
  CHECK(PartitionOf("eu-isoe-west-1") == "aws-iso-e");
  CHECK(PartitionOf("us-isof-south-1") == "aws-iso-f");
  CHECK(PartitionOf("eusc-de-east-1") == "aws-eusc");
}

TEST_CASE("A region nobody knows is of the partition aws", "[arn]") {
  CHECK(PartitionOf("xx-nowhere-1") == "aws");
  CHECK(PartitionOf("") == "aws");
}

TEST_CASE("A partition has a DNS suffix", "[arn]") {
  CHECK(DnsSuffixOf("us-east-1") == "amazonaws.com");
  CHECK(DnsSuffixOf("cn-north-1") == "amazonaws.com.cn");
  CHECK(DnsSuffixOf("us-gov-west-1") == "amazonaws.com");
  CHECK(DnsSuffixOf("us-iso-east-1") == "c2s.ic.gov");
  CHECK(DnsSuffixOf("eusc-de-east-1") == "amazonaws.eu");
}

TEST_CASE("An account id is twelve digits", "[arn]") {
  CHECK(IsAccountId("123456789012"));
  CHECK(IsAccountId("000000000000"));
  CHECK_FALSE(IsAccountId("12345678901"));
  CHECK_FALSE(IsAccountId("1234567890123"));
  CHECK_FALSE(IsAccountId("12345678901a"));
  CHECK_FALSE(IsAccountId("1234-5678-90"));
  CHECK_FALSE(IsAccountId(""));
}

TEST_CASE("A region is two or three words and a number", "[arn]") {
  for (const char* region : {"us-east-1", "ap-northeast-3", "us-gov-east-1", "us-isob-east-1",
                             "cn-northwest-1", "eusc-de-east-1", "eu-west-10"}) {
    CHECK(IsRegion(region));
  }
  for (const char* text : {"", "us", "us-east", "us-1", "us-east-", "us-east-1a", "us-east-100",
                           "US-EAST-1", "us--1", "-east-1", "us-east-1-", "u-east-1",
                           "us-gov-very-east-1", "us-east-1-1", "us east-1", "us-east.1"}) {
    CHECK_FALSE(IsRegion(text));
  }
}
