#include "sqs/policy.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "skybox/status.h"

namespace skybox::sqs {
namespace {

constexpr char kArn[] = "arn:aws:sqs:us-east-1:111122223333:q";

std::string Message(const absl::Status& status) { return std::string(status.message()); }

// A policy of one statement whose elements are these, with what is needed beside them.
std::string With(const std::string& principal, const std::string& action,
                 const std::string& resource, const std::string& more = "") {
  return R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":)" + principal +
         R"(,"Action":)" + action + R"(,"Resource":)" + resource + more + "}]}";
}
std::string WithPrincipal(const std::string& json) { return With(json, R"("sqs:*")", R"("*")"); }
std::string WithAction(const std::string& json) { return With(R"("*")", json, R"("*")"); }
std::string WithResource(const std::string& json) { return With(R"("*")", R"("sqs:*")", json); }
std::string WithMore(const std::string& members) {
  return With(R"("*")", R"("sqs:*")", R"("*")", members);
}
std::string WithCondition(const std::string& json) { return WithMore(",\"Condition\":" + json); }

void CheckGood(const std::string& policy) {
  INFO(policy);
  const absl::Status status = CheckPolicy(policy);
  INFO(status);
  CHECK(status.ok());
}

// Refused with a message that has these words.
void CheckBad(const std::string& policy, const std::string& words) {
  const absl::Status status = CheckPolicy(policy);
  INFO(policy << "\n" << status);
  CHECK(ErrorCode(status) == "InvalidAttributeValue");
  CHECK(Message(status).starts_with("Invalid value for the parameter Policy."));
  CHECK(Message(status).find(words) != std::string::npos);
}

// ---- The document

TEST_CASE("A policy as services are let in with passes", "[sqs][policy]") {
  CheckGood(R"({
    "Version": "2012-10-17",
    "Id": "topic",
    "Statement": [{
      "Sid": "Allow SNS",
      "Effect": "Allow",
      "Principal": {"Service": "sns.amazonaws.com"},
      "Action": "sqs:SendMessage",
      "Resource": "arn:aws:sqs:us-east-1:111122223333:q",
      "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:111122223333:t"}}
    }]
  })");
}

TEST_CASE("A policy is JSON", "[sqs][policy]") {
  for (const char* text : {"", "x", "{", "{\"Version\":", "{}x", "\xFF", "{\"a\":1e999}"}) {
    CheckBad(text, "cannot be read");
  }
  CheckBad("[]", "It is no map");
  CheckBad("3", "It is no map");
}

TEST_CASE("A policy that nests without end is refused", "[sqs][policy]") {
  CheckBad(std::string(8000, '['), "nests more than");
  CheckBad(WithMore(",\"Condition\":" + std::string(40, '[') + std::string(40, ']')),
           "nests more than");
  CheckBad(WithMore(",\"Sid\":\"" + std::string(40, '[') + "\",\"x\":1"), "unknown element 'x'");
}

TEST_CASE("A policy with a member twice is refused", "[sqs][policy]") {
  CheckBad(WithMore(R"(,"Effect":"Deny")"), "'Effect' is there twice");
  CheckBad(
      WithCondition(
          R"({"Bool":{"aws:SecureTransport":true},"Bool":{"aws:MultiFactorAuthPresent":true}})"),
      "'Bool' is there twice");
}

TEST_CASE("A policy has up to 8192 bytes", "[sqs][policy]") {
  const std::string policy = WithMore("");
  CheckGood(policy + std::string(8192 - policy.size(), ' '));
  CheckBad(policy + std::string(8193 - policy.size(), ' '), "8193 bytes");
}

TEST_CASE("A policy's Version is one of two", "[sqs][policy]") {
  const std::string statement =
      R"("Statement":[{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*"}]})";
  CheckGood(R"({"Version":"2012-10-17",)" + statement);
  CheckGood(R"({"Version":"2008-10-17",)" + statement);
  CheckGood("{" + statement);
  CheckBad(R"({"Version":"2012-10-18",)" + statement, "2012-10-18");
  CheckBad(R"({"Version":2012,)" + statement, "Version");
}

TEST_CASE("A policy has no unknown elements", "[sqs][policy]") {
  CheckBad(R"({"Version":"2012-10-17","Statements":[]})", "unknown element 'Statements'");
  CheckBad(WithMore(R"(,"Conditions":{})"), "unknown element 'Conditions'");
  CheckBad(R"({"Id":3,"Statement":[]})", "Id is no string");
}

TEST_CASE("A policy has 1 to 20 statements", "[sqs][policy]") {
  const auto policy = [](int count) {
    std::string text = R"({"Statement":[)";
    for (int i = 0; i < count; ++i) {
      if (i > 0) text += ',';
      text += R"({"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*"})";
    }
    return text + "]}";
  };
  CheckBad(policy(0), "no Statement");
  CheckGood(policy(1));
  CheckGood(policy(20));
  CheckBad(policy(21), "21 statements");
  CheckBad(R"({"Version":"2012-10-17"})", "no Statement");
  CheckBad(R"({"Statement":"Allow"})", "no Statement");
  CheckBad(R"({"Statement":["Allow"]})", "no map");
}

TEST_CASE("A single statement needs no list", "[sqs][policy]") {
  CheckGood(R"({"Statement":{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*"}})");
}

TEST_CASE("Statements have different Sids", "[sqs][policy]") {
  const auto policy = [](const std::string& a, const std::string& b) {
    const std::string rest = R"("Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*"})";
    return R"({"Statement":[{"Sid":")" + a + "\"," + rest + R"(,{"Sid":")" + b + "\"," + rest +
           "]}";
  };
  CheckGood(policy("a", "b"));
  CheckGood(policy("", ""));
  CheckBad(policy("a", "a"), "Sid");
  CheckBad(WithMore(R"(,"Sid":3)"), "Sid is no string");
}

// ---- Elements

TEST_CASE("A statement's Effect is Allow or Deny", "[sqs][policy]") {
  const std::string rest = R"("Principal":"*","Action":"sqs:*","Resource":"*"}})";
  CheckGood(R"({"Statement":{"Effect":"Allow",)" + rest);
  CheckGood(R"({"Statement":{"Effect":"Deny",)" + rest);
  CheckBad(R"({"Statement":{"Effect":"allow",)" + rest, "allow");
  CheckBad(R"({"Statement":{)" + rest, "no Effect");
}

TEST_CASE("A statement has one of Principal and NotPrincipal", "[sqs][policy]") {
  const std::string rest = R"("Effect":"Deny","Action":"sqs:*","Resource":"*"}})";
  CheckBad(R"({"Statement":{)" + rest, "one of Principal and NotPrincipal");
  CheckGood(R"({"Statement":{"NotPrincipal":{"AWS":"111122223333"},)" + rest);
  CheckBad(R"({"Statement":{"Principal":"*","NotPrincipal":"*",)" + rest,
           "one of Principal and NotPrincipal");
}

TEST_CASE("AWS principals are accounts, users, roles and sessions", "[sqs][policy]") {
  for (const char* principal : {R"("*")", R"({"AWS":"*"})", R"({"AWS":"111122223333"})",
                                R"({"AWS":["111122223333","arn:aws:iam::111122223333:root"]})",
                                R"({"AWS":"arn:aws:iam::111122223333:user/path/bob"})",
                                R"({"AWS":"arn:aws-cn:iam::111122223333:role/r"})",
                                R"({"AWS":"arn:aws:sts::111122223333:assumed-role/r/session"})",
                                R"({"AWS":"AROAABCDEFGHIJKLMNOPQ"})"}) {
    CheckGood(WithPrincipal(principal));
  }
  for (const char* principal :
       {R"({"AWS":"1234"})", R"({"AWS":"bob"})", R"({"AWS":""})",
        R"({"AWS":"arn:aws:iam::111122223333:user/*"})", R"({"AWS":"arn:aws:iam::*:root"})",
        R"({"AWS":"arn:aws:iam::111122223333:group/g"})",
        R"({"AWS":"arn:aws:sns:us-east-1:111122223333:t"})"}) {
    CheckBad(WithPrincipal(principal), "is no AWS principal");
  }
}

TEST_CASE("Service principals are host names of AWS", "[sqs][policy]") {
  CheckGood(WithPrincipal(R"({"Service":["s3.amazonaws.com","logs.eu-west-1.amazonaws.com"]})"));
  for (const char* name : {"sns", "sns.example.com", ".amazonaws.com", "SNS.amazonaws.com", "*"}) {
    CheckBad(WithPrincipal(std::string(R"({"Service":")") + name + "\"}"),
             "is no Service principal");
  }
}

TEST_CASE("A principal of an unknown kind or form is refused", "[sqs][policy]") {
  CheckBad(WithPrincipal(R"({"Aws":"*"})"), "unknown kind 'Aws'");
  CheckBad(WithPrincipal(R"("111122223333")"), "Principal");
  CheckBad(WithPrincipal("{}"), "Principal");
  CheckBad(WithPrincipal(R"({"AWS":[]})"), "Principal");
  CheckBad(WithPrincipal(R"({"AWS":[3]})"), "no string: 3");
  CheckBad(WithPrincipal("3"), "Principal");
}

TEST_CASE("A policy has up to 50 principals", "[sqs][policy]") {
  const auto principals = [](int count) {
    std::string list = "\"111122223333\"";
    for (int i = 1; i < count; ++i) list += ",\"111122223333\"";
    return WithPrincipal("{\"AWS\":[" + list + "]}");
  };
  CheckGood(principals(50));
  CheckBad(principals(51), "51 principals");
}

TEST_CASE("Actions are those of SQS, with any case and wildcards", "[sqs][policy]") {
  for (const char* action :
       {R"("*")", R"("sqs:*")", R"("SQS:SendMessage")", R"("sqs:sendmessage")", R"("sqs:Get*")",
        R"("sqs:?endMessage")", R"(["sqs:ReceiveMessage","sqs:DeleteMessage"])",
        R"("sqs:StartMessageMoveTask")", R"("sqs:*Message*")"}) {
    CheckGood(WithAction(action));
  }
}

TEST_CASE("An action that SQS has not is refused by name", "[sqs][policy]") {
  for (const char* action : {"sqs:Send", "sqs:SendMessageBatch", "sns:Publish", "SendMessage", "",
                             "sqs:", "sqs:X*", "sqs", "s*:SendMessage", "sqs:SendMessage?"}) {
    CheckBad(WithAction(std::string("\"") + action + "\""),
             std::string("'") + action + "' is no action of SQS");
  }
  CheckBad(WithAction("[]"), "Action");
  CheckBad(WithAction("3"), "Action");
}

TEST_CASE("A statement has up to seven actions", "[sqs][policy]") {
  const std::string seven = R"("sqs:a*","sqs:c*","sqs:d*","sqs:g*","sqs:l*","sqs:p*","sqs:r*")";
  CheckGood(WithAction("[" + seven + "]"));
  CheckBad(WithAction("[" + seven + ",\"sqs:s*\"]"), "8 actions");
}

TEST_CASE("NotAction and NotResource are known", "[sqs][policy]") {
  CheckGood(
      R"({"Statement":{"Effect":"Deny","Principal":"*","NotAction":"sqs:*","NotResource":"*"}})");
  CheckBad(WithMore(R"(,"NotAction":"sqs:*")"), "one of Action and NotAction");
  CheckBad(WithMore(R"(,"NotResource":"*")"), "one of Resource and NotResource");
}

TEST_CASE("A resource is the ARN of queues", "[sqs][policy]") {
  CheckGood(WithResource(R"("arn:aws:sqs:us-east-1:111122223333:q")"));
  CheckGood(WithResource(R"(["arn:aws:sqs:*:*:*","arn:*:s*:us-east-1:111122223333:q-*"])"));
  for (const char* resource : {"q", "https://sqs.us-east-1.amazonaws.com/111122223333/q",
                               "arn:aws:sns:us-east-1:111122223333:t", ""}) {
    CheckBad(WithResource(std::string("\"") + resource + "\""), "is not the ARN of a queue");
  }
  CheckBad(WithResource("[]"), "Resource");
  CheckBad(R"({"Statement":{"Effect":"Deny","Principal":"*","Action":"sqs:*"}})",
           "one of Resource and NotResource");
}

// ---- Conditions

TEST_CASE("Condition operators are the documented ones", "[sqs][policy]") {
  for (const char* condition :
       {R"({"StringEquals":{"aws:SourceAccount":"111122223333"}})",
        R"({"StringNotEqualsIgnoreCase":{"aws:PrincipalTag/team":["a","b"]}})",
        R"({"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-1/*"}})",
        R"({"ForAllValues:StringEqualsIfExists":{"aws:TagKeys":["a"]}})",
        R"({"NumericLessThanEquals":{"aws:MultiFactorAuthAge":"3600"}})",
        R"({"DateGreaterThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}})",
        R"({"Bool":{"aws:SecureTransport":"false"}})", R"({"BoolIfExists":{"aws:x":true}})",
        R"({"Null":{"aws:TokenIssueTime":"true"}})", R"({"BinaryEquals":{"aws:x":"AQ=="}})",
        R"({"IpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:db8::/32"]}})",
        R"({"ArnLike":{"aws:SourceArn":"arn:aws:s3:*:*:bucket"}})", "{}"}) {
    CheckGood(WithCondition(condition));
  }
}

TEST_CASE("An unknown condition operator is refused by name", "[sqs][policy]") {
  for (const char* name :
       {"StringEqual", "stringEquals", "NumericLike", "DateEqualsX", "NullIfExists",
        "ForSomeValues:StringLike", "IfExists", "", "ForAnyValue:"}) {
    CheckBad(WithCondition(std::string("{\"") + name + R"(":{"aws:x":"1"}})"),
             std::string("'") + name + "' is no condition operator");
  }
}

TEST_CASE("A condition key has a prefix", "[sqs][policy]") {
  for (const char* key : {"SourceArn", ":x", "aws:", ""}) {
    CheckBad(WithCondition(std::string(R"({"StringEquals":{")") + key + R"(":"1"}})"),
             std::string("'") + key + "' is no condition key");
  }
}

TEST_CASE("A condition's values fit its operator", "[sqs][policy]") {
  const auto policy = [](const std::string& name, const std::string& value) {
    return WithCondition("{\"" + name + R"(":{"aws:x":)" + value + "}}");
  };
  for (const char* value : {"3", "-1.5", R"("3.25")", R"(["1",2])"}) {
    CheckGood(policy("NumericEquals", value));
  }
  for (const char* value : {R"("x")", R"("1.")", R"("")", "true", "{}", "[[1]]", "null"}) {
    CheckBad(policy("NumericEquals", value), "'NumericEquals'");
  }
  for (const char* value : {R"("2030-01-01")", R"("2030-01-01T00:00Z")", "1700000000",
                            R"("2030-01-01T00:00:00.5+02:00")", R"("1700000000")"}) {
    CheckGood(policy("DateEquals", value));
  }
  for (const char* value : {R"("tomorrow")", R"("infinite-future")", R"("2030-13-01")", R"("")"}) {
    CheckBad(policy("DateEquals", value), "'DateEquals'");
  }
  for (const char* value : {R"("True")", R"("1")", "1"}) CheckBad(policy("Bool", value), "'Bool'");
  CheckBad(policy("ArnEquals", R"("q")"), "'ArnEquals'");
  CheckBad(policy("StringEquals", "[]"), "no value");
  CheckBad(policy("StringEquals", "{}"), "'StringEquals'");
}

TEST_CASE("Conditions on addresses take addresses and ranges", "[sqs][policy]") {
  const auto policy = [](const std::string& value) {
    return WithCondition(R"({"IpAddress":{"aws:SourceIp":")" + value + "\"}}");
  };
  for (const char* address : {"203.0.113.7", "0.0.0.0/0", "255.255.255.255/32", "2001:db8::1",
                              "::", "::/0", "1:2:3:4:5:6:7:8", "1::8/128"}) {
    CheckGood(policy(address));
  }
  for (const char* address : {"", "203.0.113", "203.0.113.256", "203.0.113.0/33", "203.0.113.07",
                              "203.0.113.0/", "203.0.113.0/24x", "2001:db8::1::", "1:2:3:4:5:6:7",
                              "1:2:3:4:5:6:7:8:9", "2001:db8::/129", ":1", "12345::", "host"}) {
    CheckBad(policy(address), "'IpAddress'");
  }
}

TEST_CASE("A condition is a map of maps", "[sqs][policy]") {
  CheckBad(WithCondition("[]"), "Condition is no map");
  CheckBad(WithCondition(R"({"Bool":true})"), "no map of keys");
  CheckBad(WithCondition(R"({"Bool":{}})"), "no map of keys");
}

TEST_CASE("A policy has up to ten conditions", "[sqs][policy]") {
  const auto policy = [](int count) {
    std::string keys = R"("aws:k0":"x")";
    for (int i = 1; i < count; ++i) keys += ",\"aws:k" + std::to_string(i) + "\":\"x\"";
    return WithCondition("{\"StringEquals\":{" + keys + "}}");
  };
  CheckGood(policy(10));
  CheckBad(policy(11), "11 conditions");
}

// ---- AddPermission

absl::StatusOr<std::string> Add(const std::string& policy, const std::string& label,
                                const std::vector<std::string>& accounts = {"444455556666"},
                                const std::vector<std::string>& actions = {"SendMessage"}) {
  return AddStatement(policy, label, accounts, actions, kArn);
}

TEST_CASE("A first permission makes the policy", "[sqs][policy]") {
  const auto policy = Add("", "send");
  REQUIRE(policy.ok());
  CHECK(*policy ==
        R"({"Version":"2012-10-17","Id":"arn:aws:sqs:us-east-1:111122223333:q/SQSDefaultPolicy",)"
        R"("Statement":[{"Sid":"send","Effect":"Allow",)"
        R"("Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"SQS:SendMessage",)"
        R"("Resource":"arn:aws:sqs:us-east-1:111122223333:q"}]})");
  CheckGood(*policy);
}

TEST_CASE("Several accounts and actions are lists", "[sqs][policy]") {
  const auto policy =
      Add("", "many", {"444455556666", "777788889999"}, {"SendMessage", "ReceiveMessage"});
  REQUIRE(policy.ok());
  CHECK(policy->find(
            R"("AWS":["arn:aws:iam::444455556666:root","arn:aws:iam::777788889999:root"])") !=
        std::string::npos);
  CHECK(policy->find(R"("Action":["SQS:SendMessage","SQS:ReceiveMessage"])") != std::string::npos);
  CheckGood(*policy);
}

TEST_CASE("A permission for all actions is a wildcard", "[sqs][policy]") {
  const auto policy = Add("", "all", {"444455556666"}, {"*"});
  REQUIRE(policy.ok());
  CHECK(policy->find(R"("Action":"SQS:*")") != std::string::npos);
  CheckGood(*policy);
}

TEST_CASE("Accounts of another partition have its ARNs", "[sqs][policy]") {
  const auto policy = AddStatement("", "x", {"444455556666"}, {"SendMessage"},
                                   "arn:aws-cn:sqs:cn-north-1:111122223333:q");
  REQUIRE(policy.ok());
  CHECK(policy->find("arn:aws-cn:iam::444455556666:root") != std::string::npos);
}

TEST_CASE("A permission is added to the policy that is there", "[sqs][policy]") {
  const std::string existing =
      R"({"Statement":{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*"}})";
  const auto policy = Add(existing, "send");
  REQUIRE(policy.ok());
  CHECK(policy->starts_with(
      R"({"Statement":[{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*"},{"Sid":"send")"));
  CheckGood(*policy);
}

TEST_CASE("A label can be there once", "[sqs][policy]") {
  const std::string policy = *Add("", "send");
  const absl::Status status = Add(policy, "send").status();
  CHECK(ErrorCode(status) == "InvalidParameterValue");
  CHECK(Message(status) == "Value send for parameter Label is invalid. Reason: Already exists.");
  CHECK(Add(policy, "Send").ok());
}

TEST_CASE("A permission needs a label, accounts and actions", "[sqs][policy]") {
  CHECK(Message(Add("", "").status()) == "The request must contain the parameter Label.");
  CHECK(Message(Add("", "x", {}).status()) ==
        "The request must contain the parameter AWSAccountIds.");
  CHECK(Message(Add("", "x", {"444455556666"}, {}).status()) ==
        "The request must contain the parameter Actions.");
  CHECK(ErrorCode(Add("", "a b").status()) == "InvalidParameterValue");
}

TEST_CASE("A permission is given to accounts", "[sqs][policy]") {
  for (const char* account : {"", "*", "12345678901", "1234567890123", "44445555666x"}) {
    CHECK(ErrorCode(Add("", "x", {"444455556666", account}).status()) == "InvalidParameterValue");
  }
}

TEST_CASE("A permission is given for known actions, not for batches", "[sqs][policy]") {
  for (const char* action : {"", "Send", "sendmessage", "SQS:SendMessage", "SendMessageBatch",
                             "DeleteMessageBatch", "Send*"}) {
    INFO(action);
    CHECK(ErrorCode(Add("", "x", {"444455556666"}, {action}).status()) == "InvalidParameterValue");
  }
  CHECK(Add("", "x", {"444455556666"}, {"PurgeQueue"}).ok());
}

TEST_CASE("A permission has up to seven actions", "[sqs][policy]") {
  std::vector<std::string> actions(7, "SendMessage");
  CHECK(Add("", "x", {"444455556666"}, actions).ok());
  actions.emplace_back("SendMessage");
  const absl::Status status = Add("", "x", {"444455556666"}, actions).status();
  CHECK(ErrorCode(status) == "OverLimit");
  CHECK(Message(status) == "8 Actions were found, maximum allowed is 7.");
}

TEST_CASE("Permissions make up to 20 statements", "[sqs][policy]") {
  std::string policy;
  for (int i = 0; i < 20; ++i) {
    const auto added = Add(policy, "label" + std::to_string(i));
    REQUIRE(added.ok());
    policy = *added;
  }
  CHECK(ErrorCode(Add(policy, "one-more").status()) == "OverLimit");
  CheckGood(policy);
}

TEST_CASE("Permissions make up to 50 principals", "[sqs][policy]") {
  const std::string policy = *Add("", "many", std::vector<std::string>(49, "444455556666"));
  CHECK(Add(policy, "one").ok());
  CHECK(ErrorCode(Add(policy, "two", {"444455556666", "777788889999"}).status()) == "OverLimit");
}

TEST_CASE("Permissions make up to 8192 bytes of policy", "[sqs][policy]") {
  // Spaces between elements do not count: the policy is written anew.
  std::string policy =
      R"({"Id":")" + std::string(7700, 'x') +
      R"(","Statement":{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*"}})";
  CHECK(Add(policy, "x").ok());
  policy.insert(7, 300, 'x');
  CHECK(ErrorCode(Add(policy, "x").status()) == "OverLimit");
}

// ---- RemovePermission

TEST_CASE("A permission is removed by its label", "[sqs][policy]") {
  const std::string one = *Add("", "one");
  const std::string both = *Add(one, "two");
  CHECK(*RemoveStatement(both, "two") == one);
  CHECK(ErrorCode(RemoveStatement(one, "two").status()) == "InvalidParameterValue");
  CHECK(Message(RemoveStatement(one, "two").status()) ==
        "Value two for parameter Label is invalid. Reason: can't find label.");
}

TEST_CASE("Without its last statement the policy is gone", "[sqs][policy]") {
  CHECK(*RemoveStatement(*Add("", "one"), "one") == "");
}

TEST_CASE("A queue without policy has no label to remove", "[sqs][policy]") {
  CHECK(ErrorCode(RemoveStatement("", "one").status()) == "InvalidParameterValue");
  CHECK(ErrorCode(RemoveStatement("", "").status()) == "MissingParameter");
}

TEST_CASE("A stored policy that is none is an internal failure", "[sqs][policy]") {
  CHECK(ErrorCode(Add("x", "one").status()) == "InternalFailure");
  CHECK(ErrorCode(RemoveStatement("[]", "one").status()) == "InternalFailure");
}

// ---- Comparing

TEST_CASE("Policies are the same whatever their spaces and order", "[sqs][policy]") {
  CHECK(SamePolicy("", ""));
  CHECK(SamePolicy(R"({"a":1,"b":[1,2]})", R"({ "b" : [1, 2], "a" : 1 })"));
  CHECK(SamePolicy(R"({"Action":"x"})", R"({"Action":["x"]})"));
  CHECK_FALSE(SamePolicy(R"({"a":1})", R"({"a":2})"));
  CHECK_FALSE(SamePolicy(R"({"a":1})", ""));
  CHECK_FALSE(SamePolicy(R"({"a":[1,2]})", R"({"a":[2,1]})"));
}

}  // namespace
}  // namespace skybox::sqs
