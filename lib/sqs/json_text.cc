#include "sqs/json_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sqs/errors.h"

namespace skybox::sqs {
namespace {

using Json = nlohmann::ordered_json;

// How deep brackets nest. The parser itself does not recurse; what works on its result may.
bool IsTooDeep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kMaxJsonDepth) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

// Members sorted, lists of one unwrapped.
Json Normal(const Json& json) {
  if (json.is_array()) {
    if (json.size() == 1) return Normal(json.front());
    Json list = Json::array();
    for (const Json& element : json) list.push_back(Normal(element));
    return list;
  }
  if (!json.is_object()) return json;
  std::vector<std::pair<std::string, Json>> members;
  for (const auto& [key, value] : json.items()) members.emplace_back(key, Normal(value));
  std::sort(members.begin(), members.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  Json object = Json::object();
  for (auto& [key, value] : members) object[key] = std::move(value);
  return object;
}

}  // namespace

std::string ParseJson(std::string_view text, Json& json) {
  if (IsTooDeep(text)) return fmt::format("it nests more than {} levels", kMaxJsonDepth);
  std::vector<std::set<std::string>> members;  // of the objects that are open
  std::string twice;
  const auto note = [&members, &twice](int, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::object_start) members.emplace_back();
    if (event == Json::parse_event_t::object_end && !members.empty()) members.pop_back();
    if (event == Json::parse_event_t::key && !members.empty()) {
      const std::string& key = value.get_ref<const std::string&>();
      if (!members.back().insert(key).second && twice.empty()) twice = key;
    }
    return true;
  };
  json = Json::parse(text, note, /*allow_exceptions=*/false);
  if (json.is_discarded()) return "it is not JSON";
  if (!twice.empty()) return fmt::format("member '{}' is there twice", Shown(twice));
  return {};
}

std::string JsonText(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool SameJson(std::string_view a, std::string_view b) {
  Json first;
  Json second;
  return ParseJson(a, first).empty() && ParseJson(b, second).empty() &&
         Normal(first) == Normal(second);
}

}  // namespace skybox::sqs
