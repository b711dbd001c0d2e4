#ifndef SKYBOX_PORTS_H_
#define SKYBOX_PORTS_H_

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "skybox/session.h"
#include "skybox/text.h"

// Where services meet each other, and where a program may listen: one small interface for each
// question. The base class of each is its null form: allow, drop or refuse. A program derives from
// one and hands it to Cloud::Connect; what it hands over must outlive the Cloud's use of it, and is
// not carried into forks.
namespace skybox {

// An operation, described once at compile time. All that the rest of the house knows of it.
struct Operation {
  std::string_view service = {};     // "sqs"
  std::string_view name = {};        // "SendMessage"
  std::string_view iam_action = {};  // "sqs:SendMessage"
  bool read_only = false;
  bool data_event = false;          // of the data plane; otherwise a management event
  std::string_view billed_as = {};  // the unit of the bill, such as "Requests"
  uint32_t index = 0;               // dense, from 0, within the service
};

// One call, as hooks see it.
struct Call {
  const Operation& operation;
  const Session& session;          // with the Cloud's defaults filled in
  absl::Time time;                 // when it was answered; before that, when it arrived
  std::string_view resource = {};  // ARN of what it touches; empty where that is not known yet
  std::string_view request =
      {};  // the request's members as JSON, sensitive ones as their size; only for Recorder
  absl::Status status = {};  // the outcome; OK before it is known
};

// Breaks calls. A status other than OK takes the place of the answer.
class FaultInjector {
 public:
  virtual ~FaultInjector() = default;
  virtual absl::Status Before(const Call&) {
    return absl::OkStatus();
  }  // the request never arrived
  virtual absl::Status After(const Call&) {
    return absl::OkStatus();
  }  // the work is done, the answer lost
};

// May this session do this to that resource? Null form: yes.
class Authorizer {
 public:
  virtual ~Authorizer() = default;
  virtual absl::Status Authorize(const Call&) { return absl::OkStatus(); }
};

// This call was made, with this outcome. Null form: dropped.
class Recorder {
 public:
  virtual ~Recorder() = default;
  virtual void Record(const Call&) {}
};

// This was used, that much of it. Null form: dropped.
class Meter {
 public:
  virtual ~Meter() = default;
  virtual void Use(const Call&, std::string_view /*billed_as*/, uint64_t /*quantity*/) {}
};

struct Dimension {
  std::string_view name = {};
  std::string_view value = {};
};

// What one period saw of one metric.
struct MetricSample {
  std::string_view account = {};
  std::string_view region = {};
  std::string_view metric_namespace = {};  // "AWS/SQS"
  std::string_view metric_name = {};
  std::span<const Dimension> dimensions = {};
  std::string_view unit = {};  // "Count", "Bytes", "Seconds"
  absl::Time timestamp = {};   // the start of the period
  absl::Duration period = absl::Minutes(1);
  double sum = 0;
  double minimum = 0;
  double maximum = 0;
  double sample_count = 0;
};

// This sample belongs to that metric. Null form: dropped.
class MetricSink {
 public:
  virtual ~MetricSink() = default;
  virtual void Put(const MetricSample&) {}
};

// This line belongs to that log stream. Null form: dropped.
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void Write(const Session&, std::string_view /*log_group*/,
                     std::string_view /*log_stream*/, absl::Time, const Text& /*line*/) {}
};

// This happened. Null form: dropped.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void Put(const Session&, std::string_view /*source*/, std::string_view /*detail_type*/,
                   const Text& /*detail*/) {}
};

// Encrypts under a key. Null form: refuses.
class Vault {
 public:
  virtual ~Vault() = default;
  virtual absl::StatusOr<Text> Encrypt(const Session&, std::string_view key, const Text& plaintext);
  virtual absl::StatusOr<Text> Decrypt(const Session&, const Text& ciphertext);
  struct DataKey {
    Text plaintext = {};
    Text ciphertext = {};
  };
  virtual absl::StatusOr<DataKey> GenerateDataKey(const Session&, std::string_view key);
};

// Keeps bytes under a bucket and a key. Null form: refuses.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;
  virtual absl::Status Put(const Session&, std::string_view bucket, std::string_view key,
                           const Text& bytes);
  virtual absl::StatusOr<Text> Get(const Session&, std::string_view bucket, std::string_view key);
};

struct DeliveryAttribute {
  std::string data_type = {};  // "String", "Number", "Binary", or one of these with ".label"
  std::string value = {};
};

// A payload on its way to a resource.
struct Parcel {
  std::string target_arn = {};  // arn:aws:sqs:us-east-1:123456789012:orders
  Text body = {};
  std::map<std::string, DeliveryAttribute> attributes = {};
  std::string message_group_id = {};          // FIFO
  std::string message_deduplication_id = {};  // FIFO
  std::string sender_id = {};                 // who sends: a service principal or an account
  std::string source_arn = {};                // what it comes from, for the target's policy
};

// Take this payload to that ARN. Null form: refuses (NotFound, naming the ARN).
class Delivery {
 public:
  virtual ~Delivery() = default;
  virtual absl::Status Deliver(const Parcel& parcel);
};

// The ports that a program may stand behind; null is the null form.
struct Ports {
  FaultInjector* fault_injector = nullptr;
  Authorizer* authorizer = nullptr;
  Recorder* recorder = nullptr;
  Meter* meter = nullptr;
  MetricSink* metric_sink = nullptr;
  LogSink* log_sink = nullptr;
  EventSink* event_sink = nullptr;
  Vault* vault = nullptr;
  ObjectStore* object_store = nullptr;
};

}  // namespace skybox

#endif  // SKYBOX_PORTS_H_
