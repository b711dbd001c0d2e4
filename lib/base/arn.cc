#include "skybox/arn.h"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace skybox {
namespace {

struct Partition {
  std::string_view region_prefix = {};
  std::string_view name = {};
  std::string_view dns_suffix = {};
};

// Rule: partitions.json of the AWS SDKs.
constexpr std::array kPartitions = {
    Partition{"cn-", "aws-cn", "amazonaws.com.cn"},
    Partition{"us-gov-", "aws-us-gov", "amazonaws.com"},
    Partition{"us-iso-", "aws-iso", "c2s.ic.gov"},
    Partition{"us-isob-", "aws-iso-b", "sc2s.sgov.gov"},
    Partition{"eu-isoe-", "aws-iso-e", "cloud.adc-e.uk"},
    Partition{"us-isof-", "aws-iso-f", "csp.hci.ic.gov"},
    Partition{"eusc-", "aws-eusc", "amazonaws.eu"},
};
constexpr Partition kCommercial = {"", "aws", "amazonaws.com"};

const Partition& FindPartition(std::string_view region) {
  for (const Partition& partition : kPartitions) {
    if (region.starts_with(partition.region_prefix)) return partition;
  }
  return kCommercial;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLowerLetter(char c) { return c >= 'a' && c <= 'z'; }

template <typename Predicate>
bool AllOf(std::string_view text, Predicate predicate) {
  for (const char c : text) {
    if (!predicate(c)) return false;
  }
  return true;
}

absl::Status NotAnArn(std::string_view text, std::string_view why) {
  std::string message = "'";
  message += text;
  message += "' is not an ARN: ";
  message += why;
  return absl::InvalidArgumentError(message);
}

}  // namespace

absl::StatusOr<Arn> Arn::Parse(std::string_view text) {
  // "arn", partition, service, region, account; the rest is the resource, colons and all.
  std::array<std::string_view, 5> parts = {};
  std::string_view rest = text;
  for (std::string_view& part : parts) {
    const size_t colon = rest.find(':');
    if (colon == std::string_view::npos) {
      return NotAnArn(text, "it has not the form arn:partition:service:region:account:resource");
    }
    part = rest.substr(0, colon);
    rest.remove_prefix(colon + 1);
  }
  if (parts[0] != "arn") return NotAnArn(text, "it does not begin with 'arn:'");
  if (parts[1].empty()) return NotAnArn(text, "its partition is empty");
  if (parts[2].empty()) return NotAnArn(text, "its service is empty");
  if (rest.empty()) return NotAnArn(text, "its resource is empty");
  return Arn{.partition = std::string(parts[1]),
             .service = std::string(parts[2]),
             .region = std::string(parts[3]),
             .account = std::string(parts[4]),
             .resource = std::string(rest)};
}

std::string Arn::str() const {
  std::string text;
  text.reserve(8 + partition.size() + service.size() + region.size() + account.size() +
               resource.size());
  text += "arn:";
  text += partition;
  text += ':';
  text += service;
  text += ':';
  text += region;
  text += ':';
  text += account;
  text += ':';
  text += resource;
  return text;
}

std::string_view PartitionOf(std::string_view region) { return FindPartition(region).name; }

std::string_view DnsSuffixOf(std::string_view region) { return FindPartition(region).dns_suffix; }

bool IsAccountId(std::string_view text) { return text.size() == 12 && AllOf(text, IsDigit); }

bool IsRegion(std::string_view text) {
  // Two or three words of letters and a number, joined by hyphens: eu-west-1, us-gov-east-1.
  int words = 0;
  std::string_view rest = text;
  for (size_t hyphen = rest.find('-'); hyphen != std::string_view::npos; hyphen = rest.find('-')) {
    if (hyphen < 2 || !AllOf(rest.substr(0, hyphen), IsLowerLetter)) return false;
    rest.remove_prefix(hyphen + 1);
    ++words;
  }
  return (words == 2 || words == 3) && (rest.size() == 1 || rest.size() == 2) &&
         AllOf(rest, IsDigit);
}

}  // namespace skybox
