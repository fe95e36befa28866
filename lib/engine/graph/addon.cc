// The Node.js binding of TensorFlow graphs, through TensorFlow's C API. It knows no network: graph.ts, its
// only caller, adds op after op, and a run of many ops is one call. Types of arguments are taken as given;
// what TensorFlow refuses becomes a JavaScript error with its message.
#define NAPI_VERSION 8
#include <node_api.h>

#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "tensorflow/c/c_api.h"

namespace {

template <class T, void (*free)(T*)>
struct Free {
  void operator()(T* pointer) const { free(pointer); }
};
using Tensor = std::unique_ptr<TF_Tensor, Free<TF_Tensor, TF_DeleteTensor>>;
using SessionOptions = std::unique_ptr<TF_SessionOptions, Free<TF_SessionOptions, TF_DeleteSessionOptions>>;

class Status {
 public:
  operator TF_Status*() const { return status_.get(); }
  void check() const {
    if (TF_GetCode(status_.get()) != TF_OK) throw std::runtime_error(TF_Message(status_.get()));
  }

 private:
  std::unique_ptr<TF_Status, Free<TF_Status, TF_DeleteStatus>> status_{TF_NewStatus()};
};

/// A graph and its session. An output of an op is a number: 16 times the op's, plus the output's.
struct Graph {
  TF_Graph* graph = TF_NewGraph();
  TF_Session* session = nullptr;
  std::vector<TF_Operation*> ops;

  TF_Output output(int32_t number) const { return {ops.at(number >> 4), number & 15}; }
  void close() {
    const Status status;  // there is nothing to do about a failure
    if (session) TF_CloseSession(session, status);
    if (session) TF_DeleteSession(session, status);
    if (graph) TF_DeleteGraph(graph);
    session = nullptr;
    graph = nullptr;
  }
  ~Graph() { close(); }
};

/// The arguments of one call by position, and their values.
struct Call {
  napi_env env;
  napi_value arguments[7];

  Call(napi_env env, napi_callback_info info) : env(env) {
    size_t count = 7;
    napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  }
  Graph& graph() const {
    void* data = nullptr;
    napi_get_value_external(env, arguments[0], &data);
    Graph& graph = *static_cast<Graph*>(data);
    if (!graph.graph) throw std::runtime_error("the graph was closed: create another one");
    return graph;
  }
  std::string text(napi_value value) const {
    size_t length = 0;
    napi_get_value_string_utf8(env, value, nullptr, 0, &length);
    std::string result(length, '\0');
    napi_get_value_string_utf8(env, value, result.data(), length + 1, &length);
    return result;
  }
  std::vector<napi_value> list(napi_value array) const {
    uint32_t length = 0;
    napi_get_array_length(env, array, &length);
    std::vector<napi_value> result(length);
    for (uint32_t i = 0; i < length; i++) napi_get_element(env, array, i, &result[i]);
    return result;
  }
  /// The memory of a typed array. @param size is set to its bytes
  template <class T>
  T* array(napi_value value, size_t* size) const {
    void* data = nullptr;
    napi_typedarray_type type = napi_uint8_array;
    napi_get_typedarray_info(env, value, &type, size, &data, nullptr, nullptr);
    *size *= type == napi_uint8_array ? 1 : type == napi_bigint64_array ? 8 : 4;
    return static_cast<T*>(data);
  }
  template <class T>
  std::vector<T> numbers(napi_value value) const {
    size_t size = 0;
    const T* data = array<T>(value, &size);
    return {data, data + size / sizeof(T)};
  }
  std::vector<TF_Output> outputs(napi_value value) const {
    std::vector<TF_Output> result;
    for (int32_t number : numbers<int32_t>(value)) result.push_back(graph().output(number));
    return result;
  }
};

/// Turns a C++ exception into a JavaScript one; an addon must not throw through Node.
template <napi_value (*body)(const Call&)>
napi_value guarded(napi_env env, napi_callback_info info) {
  try {
    return body(Call(env, info));
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
    return nullptr;
  }
}

/// create(config): a graph and its session; config is a serialized ConfigProto.
napi_value create(const Call& call) {
  auto graph = std::make_unique<Graph>();
  const Status status;
  const SessionOptions options(TF_NewSessionOptions());
  size_t size = 0;
  const uint8_t* config = call.array<uint8_t>(call.arguments[0], &size);
  TF_SetConfig(options.get(), config, size, status);
  status.check();
  graph->session = TF_NewSession(graph->graph, options.get(), status);
  status.check();
  napi_value result;
  const auto finalize = [](napi_env, void* data, void*) { delete static_cast<Graph*>(data); };
  napi_create_external(call.env, graph.release(), finalize, nullptr, &result);
  return result;
}

/// add(graph, type, inputs, lists, names, attributes): the op's number. An input is an Int32Array of
/// outputs; it is a list where `lists` has a 1. An attribute is a serialized AttrValue.
napi_value add(const Call& call) {
  Graph& graph = call.graph();
  const std::string type = call.text(call.arguments[1]), name = "op" + std::to_string(graph.ops.size());
  // Read before the op is begun: one that is not finished cannot be freed.
  std::vector<std::vector<TF_Output>> inputs;
  for (napi_value input : call.list(call.arguments[2])) inputs.push_back(call.outputs(input));
  const auto lists = call.numbers<uint8_t>(call.arguments[3]);
  const auto names = call.list(call.arguments[4]), values = call.list(call.arguments[5]);
  TF_OperationDescription* op = TF_NewOperation(graph.graph, type.c_str(), name.c_str());
  const Status status;
  for (size_t i = 0; i < inputs.size(); i++) {
    if (lists[i]) TF_AddInputList(op, inputs[i].data(), (int)inputs[i].size());
    else TF_AddInput(op, inputs[i][0]);
  }
  std::string problem;
  for (size_t i = 0; i < names.size(); i++) {
    size_t size = 0;
    const uint8_t* value = call.array<uint8_t>(values[i], &size);
    TF_SetAttrValueProto(op, call.text(names[i]).c_str(), value, size, status);
    if (TF_GetCode(status) != TF_OK) problem = TF_Message(status);
  }
  TF_Operation* finished = TF_FinishOperation(op, status);
  if (!problem.empty()) throw std::runtime_error(type + ": " + problem);
  status.check();
  graph.ops.push_back(finished);
  napi_value result;
  napi_create_uint32(call.env, (uint32_t)graph.ops.size() - 1, &result);
  return result;
}

/// A tensor with memory of its own: TensorFlow may keep it for longer than the array lives.
Tensor tensorOf(const Call& call, TF_DataType type, napi_value shape, napi_value values) {
  const auto lengths = call.numbers<int64_t>(shape);
  size_t expected = TF_DataTypeSize(type), size = 0;
  for (int64_t length : lengths) expected *= (size_t)length;
  const void* data = call.array<void>(values, &size);
  if (size != expected) {
    throw std::runtime_error("a tensor of " + std::to_string(expected) + " bytes got " + std::to_string(size));
  }
  Tensor tensor(TF_AllocateTensor(type, lengths.data(), (int)lengths.size(), size));
  if (size > 0) std::memcpy(TF_TensorData(tensor.get()), data, size);
  return tensor;
}

/// run(graph, feeds, shapes, inputs, fetches, outputs, targets): runs all that the fetches and the targets
/// need. Each fetched tensor is copied into an array of its size.
napi_value run(const Call& call) {
  Graph& graph = call.graph();
  const auto feeds = call.outputs(call.arguments[1]), fetches = call.outputs(call.arguments[4]);
  const auto shapes = call.list(call.arguments[2]), inputs = call.list(call.arguments[3]);
  const auto outputs = call.list(call.arguments[5]);
  std::vector<Tensor> owned;
  std::vector<TF_Tensor*> fed, fetched(fetches.size(), nullptr);
  for (size_t i = 0; i < feeds.size(); i++) {
    owned.push_back(tensorOf(call, TF_OperationOutputType(feeds[i]), shapes.at(i), inputs.at(i)));
    fed.push_back(owned.back().get());
  }
  std::vector<TF_Operation*> targets;
  for (const TF_Output& target : call.outputs(call.arguments[6])) targets.push_back(target.oper);
  const Status status;
  TF_SessionRun(graph.session, nullptr, feeds.data(), fed.data(), (int)fed.size(), fetches.data(), fetched.data(),
                (int)fetched.size(), targets.data(), (int)targets.size(), nullptr, status);
  for (TF_Tensor* tensor : fetched) owned.emplace_back(tensor);
  status.check();
  for (size_t i = 0; i < fetched.size(); i++) {
    size_t size = 0;
    void* to = call.array<void>(outputs.at(i), &size);
    if (TF_TensorByteSize(fetched[i]) != size) throw std::runtime_error("a result has another size than its array");
    std::memcpy(to, TF_TensorData(fetched[i]), size);
  }
  return nullptr;
}

napi_value close(const Call& call) {
  call.graph().close();
  return nullptr;
}

}  // namespace

NAPI_MODULE_INIT() {
  const struct {
    const char* name;
    napi_callback callback;
  } functions[] = {
      {"create", guarded<create>}, {"add", guarded<add>}, {"run", guarded<run>}, {"close", guarded<close>}};
  for (const auto& function : functions) {
    napi_value value;
    napi_create_function(env, function.name, NAPI_AUTO_LENGTH, function.callback, nullptr, &value);
    napi_set_named_property(env, exports, function.name, value);
  }
  return exports;
}
