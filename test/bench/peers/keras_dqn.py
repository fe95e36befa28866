"""The loop of Keras' example "Deep Q-Learning for Atari Breakout" (CPU): a peer of the train benchmark.

As in the example: memory in Python lists, model.predict for the targets, an eager GradientTape, batch 32, one update
every 4 steps, Adam with clipnorm 1, Huber. Epsilon is held at 0.05.
Reads commands from standard input, answers each with one JSON line:
  steps N   N agent steps; {"stepsPerSecond": their speed}
"""
import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import json, sys, time
import ale_py, gymnasium as gym, keras, numpy as np, tensorflow as tf
from keras import layers, ops

RANDOM_STEPS, EPSILON, BATCH, GAMMA = 400, 0.05, 32, 0.99
keras.utils.set_random_seed(1)
gym.register_envs(ale_py)
env = gym.wrappers.AtariPreprocessing(gym.make("BreakoutNoFrameskip-v4"))
env = gym.wrappers.FrameStackObservation(env, 4)


def network():
    return keras.Sequential([keras.Input((4, 84, 84)), layers.Permute((2, 3, 1)),
                             layers.Conv2D(32, 8, strides=4, activation="relu"),
                             layers.Conv2D(64, 4, strides=2, activation="relu"),
                             layers.Conv2D(64, 3, activation="relu"), layers.Flatten(),
                             layers.Dense(512, activation="relu"), layers.Dense(4)])


model, target_model = network(), network()
target_model.set_weights(model.get_weights())
optimizer = keras.optimizers.Adam(learning_rate=0.00025, clipnorm=1.0)
huber = keras.losses.Huber()
states, actions, rewards, next_states, dones = [], [], [], [], []


def update():
    indices = np.random.choice(range(len(dones)), size=BATCH)
    state = np.array([states[i] for i in indices])
    next_state = np.array([next_states[i] for i in indices])
    reward = [rewards[i] for i in indices]
    done = tf.constant([float(dones[i]) for i in indices])
    target = reward + GAMMA * ops.amax(target_model.predict(next_state, verbose=0), axis=1)
    target = target * (1 - done) - done
    masks = ops.one_hot([actions[i] for i in indices], 4)
    with tf.GradientTape() as tape:
        loss = huber(target, ops.sum(ops.multiply(model(state), masks), axis=1))
    grads = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(grads, model.trainable_variables))


def play():
    """Takes an agent step for every value asked for, without an end."""
    state = np.array(env.reset(seed=1)[0])
    step = 0
    while True:
        step += 1
        if step <= RANDOM_STEPS or np.random.rand() < EPSILON:
            action = int(np.random.choice(4))
        else:
            values = model(ops.expand_dims(ops.convert_to_tensor(state), 0), training=False)
            action = int(ops.argmax(values[0]))
        next_state, reward, terminated, truncated, _ = env.step(action)
        next_state = np.array(next_state)
        states.append(state)
        actions.append(action)
        rewards.append(reward)
        next_states.append(next_state)
        dones.append(terminated)
        state = np.array(env.reset()[0]) if terminated or truncated else next_state
        if step > RANDOM_STEPS and step % 4 == 0:
            update()
        if step % 10_000 == 0:
            target_model.set_weights(model.get_weights())
        yield


steps = play()
for _ in range(RANDOM_STEPS):
    next(steps)
for line in sys.stdin:
    count = int(line.split()[1])
    start = time.perf_counter()
    for _ in range(count):
        next(steps)
    print(json.dumps({"stepsPerSecond": count / (time.perf_counter() - start)}), flush=True)
