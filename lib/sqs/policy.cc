#include "sqs/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/error.h"
#include "skybox/arn.h"
#include "sqs/errors.h"
#include "sqs/json_text.h"
#include "sqs/names.h"

namespace skybox::sqs {
namespace {

using Json = nlohmann::ordered_json;

// Rule: "Quotas related to policies", Developer Guide.
constexpr size_t kMaxPolicyBytes = 8192;
constexpr size_t kMaxStatements = 20;
constexpr size_t kMaxPrincipals = 50;
constexpr size_t kMaxConditions = 10;
constexpr size_t kMaxActions = 7;  // of a statement

// Rule: "Actions, resources, and condition keys for Amazon SQS", Service Authorization Reference.
// The batch operations have no action of their own.
constexpr std::array<std::string_view, 20> kActions = {"AddPermission",
                                                       "CancelMessageMoveTask",
                                                       "ChangeMessageVisibility",
                                                       "CreateQueue",
                                                       "DeleteMessage",
                                                       "DeleteQueue",
                                                       "GetQueueAttributes",
                                                       "GetQueueUrl",
                                                       "ListDeadLetterSourceQueues",
                                                       "ListMessageMoveTasks",
                                                       "ListQueueTags",
                                                       "ListQueues",
                                                       "PurgeQueue",
                                                       "ReceiveMessage",
                                                       "RemovePermission",
                                                       "SendMessage",
                                                       "SetQueueAttributes",
                                                       "StartMessageMoveTask",
                                                       "TagQueue",
                                                       "UntagQueue"};

// ---- Text

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return Lower(x) == Lower(y); });
}

// Whether a pattern with '*' (any characters) and '?' (any one) takes the text; case is ignored.
bool Matches(std::string_view pattern, std::string_view text) {
  size_t p = 0;
  size_t t = 0;
  size_t star = std::string_view::npos;
  size_t resume = 0;  // where to go on when the last star has to take one character more
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || Lower(pattern[p]) == Lower(text[t])) &&
        pattern[p] != '*') {
      ++p;
      ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool Contains(std::initializer_list<std::string_view> words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// ---- The parts of a policy

absl::Status Refuse(std::string_view reason) { return InvalidAttribute("Policy", reason); }

std::string TextOf(const Json& json) { return Shown(JsonText(json)); }

// Counted over the whole policy.
struct Counts {
  size_t principals = 0;
  size_t conditions = 0;
};

// Calls check(text) for a string or for each string of a list that is not empty.
template <typename Check>
absl::Status ForEachString(const Json& json, std::string_view element, Check check) {
  if (json.is_string()) return check(std::string_view(json.get_ref<const std::string&>()));
  if (!json.is_array() || json.empty()) {
    return Refuse(
        fmt::format("{} is neither a string nor a list of strings: {}.", element, TextOf(json)));
  }
  for (const Json& one : json) {
    if (!one.is_string()) {
      return Refuse(fmt::format("{} has something that is no string: {}.", element, TextOf(one)));
    }
    absl::Status status = check(std::string_view(one.get_ref<const std::string&>()));
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// "*", an account, the ARN of an account, user, role or session, or a unique id as IAM gives out.
// Rule: "AWS JSON policy elements: Principal", IAM User Guide.
bool IsAwsPrincipal(std::string_view text) {
  if (text == "*" || IsAccountId(text)) return true;
  if (!text.starts_with("arn:")) {
    return text.size() >= 16 && text.size() <= 128 &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= 'A' && c <= 'Z') || IsDigit(c); });
  }
  const absl::StatusOr<Arn> arn = Arn::Parse(text);
  if (!arn.ok() || !IsAccountId(arn->account) || !arn->region.empty()) return false;
  const std::string_view resource = arn->resource;
  if (resource.find_first_of("*?") != std::string_view::npos) return false;
  const auto begins = [resource](std::string_view kind) {
    return resource.starts_with(kind) && resource.size() > kind.size();
  };
  if (arn->service == "iam") return resource == "root" || begins("user/") || begins("role/");
  return arn->service == "sts" && (begins("assumed-role/") || begins("federated-user/"));
}

bool IsServicePrincipal(std::string_view text) {
  for (const char c : text) {
    if (!(c >= 'a' && c <= 'z') && !IsDigit(c) && c != '-' && c != '.') return false;
  }
  return !text.starts_with('.') &&
         (text.ends_with(".amazonaws.com") || text.ends_with(".amazonaws.com.cn") ||
          text.ends_with(".amazon.com"));
}

absl::Status CheckPrincipal(const Json& principal, std::string_view element, Counts& counts) {
  if (principal.is_string() && principal.get_ref<const std::string&>() == "*") {
    ++counts.principals;
    return absl::OkStatus();
  }
  if (!principal.is_object() || principal.empty()) {
    return Refuse(fmt::format("{} is neither \"*\" nor a map of principals: {}.", element,
                              TextOf(principal)));
  }
  for (const auto& [kind, names] : principal.items()) {
    if (!Contains({"AWS", "Service", "Federated", "CanonicalUser"}, kind)) {
      return Refuse(fmt::format("{} has the unknown kind '{}'.", element, Shown(kind)));
    }
    const std::string& known_kind = kind;
    absl::Status status = ForEachString(names, element, [&](std::string_view name) {
      ++counts.principals;
      bool valid = !name.empty();
      if (known_kind == "AWS") valid = IsAwsPrincipal(name);
      if (known_kind == "Service") valid = IsServicePrincipal(name);
      if (valid) return absl::OkStatus();
      return Refuse(fmt::format("'{}' is no {} principal.", Shown(name), known_kind));
    });
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CheckAction(std::string_view action) {
  if (action == "*") return absl::OkStatus();
  const size_t colon = action.find(':');
  if (colon != std::string_view::npos && EqualIgnoringCase(action.substr(0, colon), "sqs")) {
    const std::string_view pattern = action.substr(colon + 1);
    for (const std::string_view known : kActions) {
      if (Matches(pattern, known)) return absl::OkStatus();
    }
  }
  return Refuse(fmt::format("'{}' is no action of SQS.", Shown(action)));
}

absl::Status CheckActions(const Json& actions, std::string_view element) {
  if (actions.is_array() && actions.size() > kMaxActions) {
    return Refuse(
        fmt::format("A statement has {} actions, more than {}.", actions.size(), kMaxActions));
  }
  return ForEachString(actions, element, CheckAction);
}

absl::Status CheckResource(std::string_view resource) {
  if (resource == "*") return absl::OkStatus();
  const absl::StatusOr<Arn> arn = Arn::Parse(resource);
  if (arn.ok() && Matches(arn->service, "sqs")) return absl::OkStatus();
  return Refuse(fmt::format("'{}' is not the ARN of a queue.", Shown(resource)));
}

// ---- Conditions. Rule: "IAM JSON policy elements: Condition operators", IAM User Guide.

enum class Operand : uint8_t { kUnknown, kString, kNumber, kDate, kBool, kBinary, kAddress, kArn };

Operand OperandOf(std::string_view name) {
  if (Contains({"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase",
                "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike"},
               name)) {
    return Operand::kString;
  }
  for (const std::string_view kind : {"Numeric", "Date"}) {
    if (name.starts_with(kind) && Contains({"Equals", "NotEquals", "LessThan", "LessThanEquals",
                                            "GreaterThan", "GreaterThanEquals"},
                                           name.substr(kind.size()))) {
      return kind == "Date" ? Operand::kDate : Operand::kNumber;
    }
  }
  if (Contains({"IpAddress", "NotIpAddress"}, name)) return Operand::kAddress;
  if (Contains({"ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"}, name)) return Operand::kArn;
  if (name == "Bool") return Operand::kBool;
  if (name == "BinaryEquals") return Operand::kBinary;
  return Operand::kUnknown;
}

// The operator without "ForAllValues:", "ForAnyValue:" and "IfExists".
Operand OperandOfOperator(std::string_view name) {
  for (const std::string_view set : {"ForAllValues:", "ForAnyValue:"}) {
    if (name.starts_with(set)) {
      name.remove_prefix(set.size());
      break;
    }
  }
  if (name == "Null") return Operand::kBool;  // the one that "IfExists" does not go with
  constexpr std::string_view kIfExists = "IfExists";
  if (name.ends_with(kIfExists)) name.remove_suffix(kIfExists.size());
  return OperandOf(name);
}

bool IsNumber(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const size_t point = std::min(text.find('.'), text.size());
  const auto digits = [](std::string_view part) {
    return !part.empty() && std::all_of(part.begin(), part.end(), IsDigit);
  };
  return digits(text.substr(0, point)) && (point == text.size() || digits(text.substr(point + 1)));
}

// ISO 8601, or seconds since 1970.
bool IsDate(std::string_view text) {
  if (text.empty() || !IsDigit(text[0])) return false;  // absl reads "infinite-future" too
  if (std::all_of(text.begin(), text.end(), IsDigit)) return true;
  for (const char* format : {"%Y-%m-%d", "%Y-%m-%dT%H:%M%Ez", "%Y-%m-%dT%H:%M:%E*S%Ez"}) {
    absl::Time time;
    std::string error;
    if (absl::ParseTime(format, {text.data(), text.size()}, &time, &error)) return true;
  }
  return false;
}

// A number without leading zeros, at most `max`, at the start of the text; which loses it.
bool TakeNumber(std::string_view& text, int max, int& number) {
  size_t length = 0;
  number = 0;
  while (length < text.size() && length < 3 && IsDigit(text[length])) {
    number = number * 10 + (text[length++] - '0');
  }
  const bool valid = length > 0 && number <= max && (length == 1 || text[0] != '0');
  text.remove_prefix(length);
  return valid;
}

bool IsHexGroup(std::string_view text) {
  return !text.empty() && text.size() <= 4 && std::all_of(text.begin(), text.end(), [](char c) {
    return IsDigit(c) || (Lower(c) >= 'a' && Lower(c) <= 'f');
  });
}

// IPv6 without embedded IPv4. Rule: RFC 4291, section 2.2.
bool IsIpv6(std::string_view text) {
  const size_t gap = text.find("::");
  size_t groups = 0;
  const auto take_groups = [&groups](std::string_view part) {
    while (!part.empty()) {
      const size_t end = std::min(part.find(':'), part.size());
      if (!IsHexGroup(part.substr(0, end)) || end + 1 == part.size()) return false;
      part.remove_prefix(std::min(end + 1, part.size()));
      ++groups;
    }
    return true;
  };
  if (gap == std::string_view::npos) return take_groups(text) && groups == 8;
  return take_groups(text.substr(0, gap)) && take_groups(text.substr(gap + 2)) && groups <= 7;
}

// An address, or a range such as "203.0.113.0/24". Rule: RFC 4632, section 3.1.
bool IsAddressRange(std::string_view text) {
  const bool ipv6 = text.find(':') != std::string_view::npos;
  const size_t slash = text.find('/');
  int number = 0;
  if (slash != std::string_view::npos) {
    std::string_view prefix = text.substr(slash + 1);
    if (!TakeNumber(prefix, ipv6 ? 128 : 32, number) || !prefix.empty()) return false;
    text = text.substr(0, slash);
  }
  if (ipv6) return IsIpv6(text);
  for (int part = 0; part < 4; ++part) {
    if (part > 0) {
      if (!text.starts_with('.')) return false;
      text.remove_prefix(1);
    }
    if (!TakeNumber(text, 255, number)) return false;
  }
  return text.empty();
}

bool IsArnPattern(std::string_view text) { return text == "*" || Arn::Parse(text).ok(); }

bool Fits(Operand operand, const Json& value) {
  if (value.is_boolean()) return operand == Operand::kBool || operand == Operand::kString;
  if (value.is_number()) {
    return operand == Operand::kNumber || operand == Operand::kDate || operand == Operand::kString;
  }
  if (!value.is_string()) return false;
  const std::string& text = value.get_ref<const std::string&>();
  switch (operand) {
    case Operand::kNumber:
      return IsNumber(text);
    case Operand::kDate:
      return IsDate(text);
    case Operand::kBool:
      return text == "true" || text == "false";
    case Operand::kAddress:
      return IsAddressRange(text);
    case Operand::kArn:
      return IsArnPattern(text);
    default:
      return true;
  }
}

// "aws:SourceArn", "aws:PrincipalTag/team". Which keys there are depends on who calls: one that is
// absent from a call is part of the language.
bool IsConditionKey(std::string_view key) {
  const size_t colon = key.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == key.size()) return false;
  return std::all_of(key.begin(), key.begin() + static_cast<std::ptrdiff_t>(colon), [](char c) {
    return (Lower(c) >= 'a' && Lower(c) <= 'z') || IsDigit(c) || c == '-' || c == '.';
  });
}

absl::Status CheckCondition(const Json& condition, Counts& counts) {
  if (!condition.is_object()) {
    return Refuse(fmt::format("Condition is no map: {}.", TextOf(condition)));
  }
  for (const auto& [name, keys] : condition.items()) {
    const Operand operand = OperandOfOperator(name);
    if (operand == Operand::kUnknown) {
      return Refuse(fmt::format("'{}' is no condition operator.", Shown(name)));
    }
    if (!keys.is_object() || keys.empty()) {
      return Refuse(fmt::format("Condition operator '{}' has no map of keys.", name));
    }
    for (const auto& [key, values] : keys.items()) {
      ++counts.conditions;
      if (!IsConditionKey(key)) {
        return Refuse(fmt::format("'{}' is no condition key.", Shown(key)));
      }
      const Json list = values.is_array() ? values : Json::array({values});
      if (list.empty()) return Refuse(fmt::format("Condition key '{}' has no value.", Shown(key)));
      for (const Json& value : list) {
        if (!Fits(operand, value)) {
          return Refuse(
              fmt::format("{} is no value for condition operator '{}'.", TextOf(value), name));
        }
      }
    }
  }
  return absl::OkStatus();
}

// Exactly one of the two is there.
absl::Status CheckOneOf(const Json& statement, const char* positive, const char* negative) {
  if (statement.contains(positive) != statement.contains(negative)) return absl::OkStatus();
  return Refuse(
      fmt::format("A statement needs one of {} and {}: {}", positive, negative, TextOf(statement)));
}

absl::Status CheckStatement(const Json& statement, Counts& counts) {
  if (!statement.is_object()) {
    return Refuse(fmt::format("Statement has something that is no map: {}.", TextOf(statement)));
  }
  for (const auto& [element, value] : statement.items()) {
    absl::Status status;
    if (element == "Sid") {
      if (!value.is_string()) status = Refuse(fmt::format("Sid is no string: {}.", TextOf(value)));
    } else if (element == "Effect") {
      if (value != "Allow" && value != "Deny") {
        status =
            Refuse(fmt::format("Effect is neither \"Allow\" nor \"Deny\": {}.", TextOf(value)));
      }
    } else if (element == "Principal" || element == "NotPrincipal") {
      status = CheckPrincipal(value, element, counts);
    } else if (element == "Action" || element == "NotAction") {
      status = CheckActions(value, element);
    } else if (element == "Resource" || element == "NotResource") {
      status = ForEachString(value, element, CheckResource);
    } else if (element == "Condition") {
      status = CheckCondition(value, counts);
    } else {
      status = Refuse(fmt::format("A statement has the unknown element '{}'.", Shown(element)));
    }
    if (!status.ok()) return status;
  }
  if (!statement.contains("Effect")) {
    return Refuse(fmt::format("A statement has no Effect: {}", TextOf(statement)));
  }
  absl::Status status = CheckOneOf(statement, "Principal", "NotPrincipal");
  if (status.ok()) status = CheckOneOf(statement, "Action", "NotAction");
  if (status.ok()) status = CheckOneOf(statement, "Resource", "NotResource");
  return status;
}

// The statements, as a list; null when there is none or it is neither list nor map.
Json StatementsOf(const Json& policy) {
  const auto found = policy.find("Statement");
  if (found == policy.end()) return nullptr;
  if (found->is_object()) return Json::array({*found});
  return found->is_array() ? *found : Json(nullptr);
}

absl::Status CheckDocument(const Json& policy, Counts& counts) {
  if (!policy.is_object()) return Refuse(fmt::format("It is no map: {}", TextOf(policy)));
  for (const auto& [element, value] : policy.items()) {
    if (element == "Version") {
      if (value != "2012-10-17" && value != "2008-10-17") {
        return Refuse(fmt::format("Version is neither \"2012-10-17\" nor \"2008-10-17\": {}.",
                                  TextOf(value)));
      }
    } else if (element == "Id") {
      if (!value.is_string()) return Refuse(fmt::format("Id is no string: {}.", TextOf(value)));
    } else if (element != "Statement") {
      return Refuse(fmt::format("The policy has the unknown element '{}'.", Shown(element)));
    }
  }
  const Json statements = StatementsOf(policy);
  if (!statements.is_array() || statements.empty()) {
    return Refuse(fmt::format("The policy has no Statement: {}", TextOf(policy)));
  }
  if (statements.size() > kMaxStatements) {
    return Refuse(fmt::format("The policy has {} statements, more than {}.", statements.size(),
                              kMaxStatements));
  }
  std::set<std::string> ids;
  for (const Json& statement : statements) {
    if (absl::Status status = CheckStatement(statement, counts); !status.ok()) return status;
    const auto id = statement.find("Sid");
    if (id == statement.end() || *id == "") continue;
    if (!ids.insert(id->get<std::string>()).second) {
      return Refuse(fmt::format("Two statements have the Sid {}.", TextOf(*id)));
    }
  }
  return absl::OkStatus();
}

// ---- Permissions

absl::Status OverLimit(std::string_view message) { return kernel::MakeError(kOverLimit, message); }

// A policy that has been stored is one: only a queue that was tampered with has another.
absl::StatusOr<Json> ReadStored(std::string_view policy) {
  Json json;
  const std::string problem = ParseJson(policy, json);
  if (problem.empty() && json.is_object()) return json;
  return kernel::MakeError(kInternalFailure,
                           fmt::format("The queue's policy cannot be read: {}", Shown(policy)));
}

bool HasLabel(const Json& statement, std::string_view label) {
  const auto id = statement.find("Sid");
  return id != statement.end() && id->is_string() && id->get_ref<const std::string&>() == label;
}

// One string as it is, several as a list: as the service writes it.
Json OneOrList(const std::vector<std::string>& texts) {
  return texts.size() == 1 ? Json(texts.front()) : Json(texts);
}

size_t CountPrincipals(const Json& statements) {
  Counts counts;
  for (const Json& statement : statements) {
    for (const char* element : {"Principal", "NotPrincipal"}) {
      if (statement.is_object() && statement.contains(element)) {
        CheckPrincipal(statement[element], element, counts).IgnoreError();
      }
    }
  }
  return counts.principals;
}

absl::Status CheckPermission(std::string_view label, const std::vector<std::string>& accounts,
                             const std::vector<std::string>& actions) {
  if (absl::Status status = CheckLabel(label); !status.ok()) return status;
  if (accounts.empty()) return MissingParameter("AWSAccountIds");
  if (actions.empty()) return MissingParameter("Actions");
  if (actions.size() > kMaxActions) {
    return OverLimit(
        fmt::format("{} Actions were found, maximum allowed is {}.", actions.size(), kMaxActions));
  }
  for (const std::string& account : accounts) {
    if (!IsAccountId(account)) {
      return InvalidParameter(account, "AWSAccountIds", "It is not the id of an account.");
    }
  }
  for (const std::string& action : actions) {
    if (action != "*" && std::find(kActions.begin(), kActions.end(), action) == kActions.end()) {
      return InvalidParameter(action, "Actions",
                              action.ends_with("Batch")
                                  ? "Batch actions are granted with those that they repeat."
                                  : "It is not the name of an action.");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckPolicy(std::string_view policy) {
  if (policy.size() > kMaxPolicyBytes) {
    return Refuse(fmt::format("It has {} bytes, more than {}.", policy.size(), kMaxPolicyBytes));
  }
  Json json;
  if (const std::string problem = ParseJson(policy, json); !problem.empty()) {
    return Refuse(fmt::format("It cannot be read, as {}: {}", problem, Shown(policy)));
  }
  Counts counts;
  if (absl::Status status = CheckDocument(json, counts); !status.ok()) return status;
  if (counts.principals > kMaxPrincipals) {
    return Refuse(fmt::format("The policy has {} principals, more than {}.", counts.principals,
                              kMaxPrincipals));
  }
  if (counts.conditions > kMaxConditions) {
    return Refuse(fmt::format("The policy has {} conditions, more than {}.", counts.conditions,
                              kMaxConditions));
  }
  return absl::OkStatus();
}

bool SamePolicy(std::string_view a, std::string_view b) { return a == b || SameJson(a, b); }

absl::StatusOr<std::string> AddStatement(std::string_view policy, std::string_view label,
                                         const std::vector<std::string>& accounts,
                                         const std::vector<std::string>& actions,
                                         std::string_view queue_arn) {
  if (absl::Status status = CheckPermission(label, accounts, actions); !status.ok()) return status;
  Json document = Json::object();
  Json statements = Json::array();
  if (policy.empty()) {
    document["Version"] = "2012-10-17";
    document["Id"] = fmt::format("{}/SQSDefaultPolicy", queue_arn);
  } else {
    absl::StatusOr<Json> stored = ReadStored(policy);
    if (!stored.ok()) return stored.status();
    document = *stored;
    if (Json found = StatementsOf(document); found.is_array()) statements = std::move(found);
  }
  for (const Json& statement : statements) {
    if (HasLabel(statement, label)) return InvalidParameter(label, "Label", "Already exists.");
  }

  const std::string_view partition = queue_arn.substr(0, queue_arn.find(":sqs:"));
  std::vector<std::string> principals;
  for (const std::string& account : accounts) {
    principals.push_back(fmt::format("{}:iam::{}:root", partition, account));
  }
  std::vector<std::string> names;
  for (const std::string& action : actions) names.push_back(fmt::format("SQS:{}", action));
  Json statement = Json::object();
  statement["Sid"] = std::string(label);
  statement["Effect"] = "Allow";
  statement["Principal"]["AWS"] = OneOrList(principals);
  statement["Action"] = OneOrList(names);
  statement["Resource"] = std::string(queue_arn);
  statements.push_back(std::move(statement));

  if (statements.size() > kMaxStatements) {
    return OverLimit(fmt::format("{} statements would be in the policy, maximum allowed is {}.",
                                 statements.size(), kMaxStatements));
  }
  if (const size_t count = CountPrincipals(statements); count > kMaxPrincipals) {
    return OverLimit(fmt::format("{} principals would be in the policy, maximum allowed is {}.",
                                 count, kMaxPrincipals));
  }
  document["Statement"] = std::move(statements);
  std::string text = JsonText(document);
  if (text.size() > kMaxPolicyBytes) {
    return OverLimit(fmt::format("The policy would have {} bytes, maximum allowed is {}.",
                                 text.size(), kMaxPolicyBytes));
  }
  return text;
}

absl::StatusOr<std::string> RemoveStatement(std::string_view policy, std::string_view label) {
  if (absl::Status status = CheckLabel(label); !status.ok()) return status;
  Json document = Json::object();
  if (!policy.empty()) {
    absl::StatusOr<Json> stored = ReadStored(policy);
    if (!stored.ok()) return stored.status();
    document = *stored;
  }
  const Json statements = StatementsOf(document);
  Json left = Json::array();
  for (const Json& statement : statements) {
    if (!HasLabel(statement, label)) left.push_back(statement);
  }
  if (left.size() == statements.size()) {
    return InvalidParameter(label, "Label", "can't find label.");
  }
  if (left.empty()) return std::string();
  document["Statement"] = std::move(left);
  return JsonText(document);
}

}  // namespace skybox::sqs
