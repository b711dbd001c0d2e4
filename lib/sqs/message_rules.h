#ifndef SKYBOX_SQS_MESSAGE_RULES_H_
#define SKYBOX_SQS_MESSAGE_RULES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "skybox/sqs_types.h"

// What a message may be made of, and what can be asked for of one. A check that passes allocates
// nothing. Rule: "Amazon SQS message metadata" and "Quotas", Developer Guide; "SendMessage",
// API Reference.
namespace skybox::sqs {

// ---- Sending

// Not empty (MissingParameter) and of the characters that XML allows (InvalidMessageContents).
absl::Status CheckBody(std::string_view body);

// The bytes of body and attributes together against the queue's MaximumMessageSize; equal is
// allowed. InvalidParameterValue.
absl::Status CheckMessageSize(int64_t size_bytes, int64_t maximum_message_size);

// Names, types and values (InvalidParameterValue); lists of values (UnsupportedOperation); at most
// 10. How long they are counts in CheckMessageSize.
absl::Status CheckMessageAttributes(const MessageAttributes& attributes);

// Only AWSTraceHeader, a String with an X-Ray trace header. InvalidParameterValue.
absl::Status CheckSystemAttributes(const MessageAttributes& attributes);

// The bytes of names, types and values, which count in a message's size. Those of system attributes
// do not count.
int64_t AttributesSize(const MessageAttributes& attributes);

// 1 to 128 letters, digits and marks of ASCII. InvalidParameterValue; an empty id is one that is
// not there: OK.
absl::Status CheckGroupId(std::string_view id);
absl::Status CheckDeduplicationId(std::string_view id);
absl::Status CheckAttemptId(std::string_view id);  // of ReceiveMessage

// The SHA-256 of the body in hexadecimal digits: what deduplicates where ContentBasedDeduplication
// is on and the sender gives no id.
std::string ContentDeduplicationId(std::string_view body);

// ---- Attributes as bytes

// The byte sequence whose MD5 is MD5OfMessageAttributes: by name, each name, type and value with
// its length. Empty for none.
std::string EncodeAttributes(const MessageAttributes& attributes);

// What EncodeAttributes made these bytes of; InvalidArgument when it makes them of nothing.
absl::StatusOr<MessageAttributes> DecodeAttributes(std::string_view bytes);

// ---- Receiving

// The attributes named. A name may be "All" or ".*" (every one) or "prefix.*" (those that begin
// with it). Names that no attribute has are no error.
MessageAttributes SelectAttributes(const MessageAttributes& all,
                                   const std::vector<std::string>& names);

// The same of encoded attributes. Bytes that DecodeAttributes refuses give none.
MessageAttributes SelectAttributes(std::string_view encoded, const std::vector<std::string>& names);

// Whether they have the form of a name or of one of the patterns. InvalidParameterValue.
absl::Status CheckMessageAttributeNames(const std::vector<std::string>& names);

enum class SystemAttribute : uint16_t {
  kSenderId = 1 << 0,
  kSentTimestamp = 1 << 1,
  kApproximateReceiveCount = 1 << 2,
  kApproximateFirstReceiveTimestamp = 1 << 3,
  kSequenceNumber = 1 << 4,
  kMessageDeduplicationId = 1 << 5,
  kMessageGroupId = 1 << 6,
  kAwsTraceHeader = 1 << 7,
  kDeadLetterQueueSourceArn = 1 << 8,
};

class SystemAttributeSet {
 public:
  bool empty() const { return bits_ == 0; }
  bool Has(SystemAttribute attribute) const {
    return (bits_ & static_cast<uint16_t>(attribute)) != 0;
  }
  void Add(SystemAttribute attribute) { bits_ |= static_cast<uint16_t>(attribute); }
  void AddAll() { bits_ = 0x1FF; }
  bool operator==(const SystemAttributeSet&) const = default;

 private:
  uint16_t bits_ = 0;
};

// Adds the system attributes named, or "All" of them. InvalidParameterValue for a name that is
// none; `parameter` is the member of the request.
absl::Status AddSystemAttributes(const std::vector<std::string>& names, std::string_view parameter,
                                 SystemAttributeSet& set);

// ---- Numbers

// Whole seconds from `low` to `high`; nothing is OK. InvalidParameterValue.
absl::Status CheckSeconds(const std::optional<absl::Duration>& value, std::string_view name,
                          int64_t low, int64_t high);

// The same of a count.
absl::Status CheckCount(int64_t value, std::string_view name, int64_t low, int64_t high);

}  // namespace skybox::sqs

#endif  // SKYBOX_SQS_MESSAGE_RULES_H_
