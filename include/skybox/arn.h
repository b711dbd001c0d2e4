#ifndef SKYBOX_ARN_H_
#define SKYBOX_ARN_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "skybox/fields.h"

namespace skybox {

// An Amazon Resource Name: arn:partition:service:region:account:resource. Region and account may be
// empty; the resource is everything after the fifth colon.
// Rule: "Amazon Resource Names (ARNs)", AWS General Reference.
struct Arn {
  std::string partition = "aws";
  std::string service = {};
  std::string region = {};
  std::string account = {};
  std::string resource = {};

  // InvalidArgument, naming the text, when it is not an ARN.
  static absl::StatusOr<Arn> Parse(std::string_view text);
  std::string str() const;

  template <typename Self, typename Visitor>
  static void Fields(Self& self, Visitor& visit) {
    visit("Partition", self.partition);
    visit("Service", self.service);
    visit("Region", self.region);
    visit("Account", self.account);
    visit("Resource", self.resource);
  }
};

// The partition that a region belongs to: "aws", "aws-cn", "aws-us-gov" ...
std::string_view PartitionOf(std::string_view region);

// The DNS suffix of a partition's endpoints: "amazonaws.com", in China "amazonaws.com.cn".
std::string_view DnsSuffixOf(std::string_view region);

// Whether the text is an account id: twelve digits.
bool IsAccountId(std::string_view text);

// Whether the text has the form of a region's name, such as "eu-west-1".
bool IsRegion(std::string_view text);

}  // namespace skybox

#endif  // SKYBOX_ARN_H_
