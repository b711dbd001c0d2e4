#ifndef SKYBOX_SQS_JSON_TEXT_H_
#define SKYBOX_SQS_JSON_TEXT_H_

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

// JSON in attributes of queues: text that anybody may have written. Only json_text.cc parses and
// prints: nlohmann's lexer and printer ask for the locale's decimal point, to be independent of it.
namespace skybox::sqs {

// Policies nest 6 levels deep.
inline constexpr int kMaxJsonDepth = 32;

// Reads a JSON text into `json`. Answers what is wrong with it, empty when nothing is: no JSON, a
// member twice (one of the two would be ignored), nested too deep. Members keep their order.
std::string ParseJson(std::string_view text, nlohmann::ordered_json& json);

// As compact text. What ParseJson read is UTF-8; other bytes become U+FFFD.
std::string JsonText(const nlohmann::ordered_json& json);

// Whether two texts are the same JSON, whatever the spaces and the order of members. A list of one
// and its element are the same, as they are in policies. Texts that are no JSON equal none.
bool SameJson(std::string_view a, std::string_view b);

}  // namespace skybox::sqs

#endif  // SKYBOX_SQS_JSON_TEXT_H_
