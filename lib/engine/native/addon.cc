// The Node.js binding. Only network.ts calls it, after checking every argument there: here, sizes
// and types are taken as given.
#define NAPI_VERSION 8
#include <node_api.h>

#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "network.h"

namespace {

using engine::Kind;
using engine::Layer;
using engine::Network;
using engine::Shape;

/// What a handle stands for: a network until destroy(), and the bytes reported to V8.
struct Held {
  std::unique_ptr<Network> network;
  int64_t reported = 0;

  /// Reports the network's bytes to V8, which else takes it for empty and collects none until memory is full.
  void report(napi_env env) {
    const int64_t bytes = network ? (int64_t)network->bytes() : 0;
    int64_t total = 0;
    if (bytes != reported) napi_adjust_external_memory(env, bytes - reported, &total);
    reported = bytes;
  }
  void destroy(napi_env env) {
    network.reset();
    report(env);
  }
};

/// The arguments of one call, read by position, and values read from objects by name.
struct Call {
  napi_env env;
  napi_value arguments[6];

  Call(napi_env env, napi_callback_info info) : env(env) {
    size_t count = 6;
    napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  }
  double number(napi_value value) const {
    double result = 0;
    napi_get_value_double(env, value, &result);
    return result;
  }
  napi_value get(napi_value object, const char* name) const {
    napi_value value = nullptr;
    napi_get_named_property(env, object, name, &value);
    return value;
  }
  double numberOf(napi_value object, const char* name) const { return number(get(object, name)); }
  bool flagOf(napi_value object, const char* name) const {
    bool result = false;
    napi_get_value_bool(env, get(object, name), &result);
    return result;
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
  template <class T>
  T* array(napi_value value) const {
    void* data = nullptr;
    napi_get_typedarray_info(env, value, nullptr, nullptr, &data, nullptr, nullptr);
    return static_cast<T*>(data);
  }
  bool isBytes(napi_value value) const {
    napi_typedarray_type type = napi_float32_array;
    napi_get_typedarray_info(env, value, &type, nullptr, nullptr, nullptr, nullptr);
    return type == napi_uint8_array;
  }
  Held& held() const {
    void* data = nullptr;
    napi_get_value_external(env, arguments[0], &data);
    return *static_cast<Held*>(data);
  }
  Network& network() const { return *held().network; }
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

Shape shapeOf(const Call& call, napi_value object, bool padded) {
  Shape shape;
  shape.height = (int)call.numberOf(object, "height");
  shape.width = (int)call.numberOf(object, "width");
  shape.channels = (int)call.numberOf(object, "channels");
  shape.stride = padded ? engine::roundUp(shape.channels) : shape.channels;
  return shape;
}

Layer layerOf(const Call& call, napi_value object, const Shape& in) {
  Layer layer;
  const std::string kind = call.text(call.get(object, "kind"));
  layer.kind = kind == "conv2d"  ? Kind::conv2d
               : kind == "dense" ? Kind::dense
                                 : Kind::layerNormalization;
  layer.in = in;
  layer.out = shapeOf(call, call.get(object, "output"), true);
  layer.relu = call.flagOf(object, "relu");
  if (layer.kind == Kind::layerNormalization) {
    layer.wholeImage = call.flagOf(object, "wholeImage");
    layer.epsilon = (float)call.numberOf(object, "epsilon");
    return layer;
  }
  layer.hasBias = call.flagOf(object, "bias");
  const bool dense = layer.kind == Kind::dense;
  layer.kernelHeight = dense ? in.height : (int)call.numberOf(object, "kernelHeight");
  layer.kernelWidth = dense ? in.width : (int)call.numberOf(object, "kernelWidth");
  layer.strideHeight = dense ? 1 : (int)call.numberOf(object, "strideHeight");
  layer.strideWidth = dense ? 1 : (int)call.numberOf(object, "strideWidth");
  return layer;
}

/// create({input, layers, scale, threads, instructionSet}): a network, or undefined when this
/// processor lacks the instruction set asked for.
napi_value create(const Call& call) {
  const napi_value options = call.arguments[0];
  const std::string name = call.text(call.get(options, "instructionSet"));
  const engine::Kernels* kernels = engine::findKernels(name.empty() ? nullptr : name.c_str());
  if (!kernels) return nullptr;
  std::vector<Layer> layers;
  Shape in = shapeOf(call, call.get(options, "input"), false);
  for (napi_value object : call.list(call.get(options, "layers"))) {
    layers.push_back(layerOf(call, object, in));
    in = layers.back().out;
  }
  auto held = std::make_unique<Held>();
  held->network = std::make_unique<Network>(
      std::move(layers), (float)call.numberOf(options, "scale"),
      (int)call.numberOf(options, "threads"), *kernels);
  held->report(call.env);
  napi_value result;
  napi_create_external(
      call.env, held.release(),
      [](napi_env env, void* data, void*) {
        const std::unique_ptr<Held> held(static_cast<Held*>(data));
        held->destroy(env);
      },
      nullptr, &result);
  return result;
}

/// destroy(network): ends its threads and frees its memory now; only the garbage collector's
/// handle stays.
napi_value destroy(const Call& call) {
  call.held().destroy(call.env);
  return nullptr;
}

/// threads(network): the number of threads at work.
napi_value threads(const Call& call) {
  napi_value result;
  napi_create_int32(call.env, call.network().threads(), &result);
  return result;
}

/// forward(network, passes)
napi_value forward(const Call& call) {
  std::vector<engine::Pass> passes;
  for (napi_value object : call.list(call.arguments[1])) {
    const napi_value observations = call.get(object, "observations");
    passes.push_back({call.text(call.get(object, "weights")) == "target" ? engine::target
                                                                          : engine::online,
                      {call.array<void>(observations), call.isBytes(observations),
                       call.flagOf(object, "channelsFirst")},
                      (int)call.numberOf(object, "count"),
                      call.array<float>(call.get(object, "output")), call.flagOf(object, "keep")});
  }
  call.network().forward(passes);
  call.held().report(call.env);
  return nullptr;
}

/// backward(network, outputGradient, squares)
napi_value backward(const Call& call) {
  call.network().backward(call.array<float>(call.arguments[1]),
                          call.array<double>(call.arguments[2]));
  call.held().report(call.env);
  return nullptr;
}

/// update(network, {stepSize, secondCorrection, beta1, beta2, epsilon}, scales)
napi_value update(const Call& call) {
  const napi_value step = call.arguments[1];
  const auto value = [&](const char* name) { return call.numberOf(step, name); };
  const double beta1 = value("beta1"), beta2 = value("beta2");
  engine::AdamStep adam;
  adam.stepSize = (float)value("stepSize");
  adam.secondCorrection = (float)value("secondCorrection");
  adam.beta1 = (float)beta1;
  adam.beta2 = (float)beta2;
  adam.oneMinusBeta1 = (float)(1 - beta1);
  adam.oneMinusBeta2 = (float)(1 - beta2);
  adam.epsilon = (float)value("epsilon");
  call.network().update(adam, call.array<float>(call.arguments[2]));
  return nullptr;
}

napi_value sync(const Call& call) {
  call.network().sync();
  return nullptr;
}

/// read(network, set, variable, to)
napi_value read(const Call& call) {
  call.network().read((engine::Set)(int)call.number(call.arguments[1]),
                      (int)call.number(call.arguments[2]), call.array<float>(call.arguments[3]));
  return nullptr;
}

/// write(network, set, variable, from)
napi_value write(const Call& call) {
  call.network().write((engine::Set)(int)call.number(call.arguments[1]),
                       (int)call.number(call.arguments[2]), call.array<float>(call.arguments[3]));
  return nullptr;
}

/// fastestInstructionSet(): the name of the one chosen when none is asked for.
napi_value fastestInstructionSet(const Call& call) {
  napi_value result;
  napi_create_string_utf8(call.env, engine::findKernels(nullptr)->name, NAPI_AUTO_LENGTH, &result);
  return result;
}

}  // namespace

NAPI_MODULE_INIT() {
  const struct {
    const char* name;
    napi_callback callback;
  } functions[] = {
      {"create", guarded<create>},     {"destroy", guarded<destroy>},
      {"forward", guarded<forward>},   {"backward", guarded<backward>},
      {"update", guarded<update>},     {"sync", guarded<sync>},
      {"read", guarded<read>},         {"write", guarded<write>},
      {"threads", guarded<threads>},
      {"fastestInstructionSet", guarded<fastestInstructionSet>},
  };
  for (const auto& function : functions) {
    napi_value value;
    napi_create_function(env, function.name, NAPI_AUTO_LENGTH, function.callback, nullptr, &value);
    napi_set_named_property(env, exports, function.name, value);
  }
  return exports;
}
