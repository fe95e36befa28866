"""Reads fixtures back and re-runs them with ale-py. Usage: verify.py DIR [name-filter]. Exit status 1 on any difference."""
import glob, os, sys, zlib
import numpy as np
import generate as G
from fixfile import load

crc = G.crc
class Bad(Exception): pass
def eq(a, b, what):
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or not (a == b).all():
        i = np.argwhere(a != b)[0].tolist() if a.shape == b.shape else (a.shape, b.shape)
        raise Bad(f'{what} differs first at {i}')

def v_raw(h, d):
    a = G.make_ale(h['settings']); n = len(d['action']); st = d.get('strength')
    eq(a.getRAM(), d['initRam'], 'initRam'); eq(a.getScreen(), d['initScreen'], 'initScreen')
    scr, ram = np.empty((210, 160), np.uint8), a.getRAM().copy()
    snap = {int(f): k for k, f in enumerate(d['snapFrame'])}
    act, rew, liv, fl, rc, sc = (d[k].tolist() for k in ('action', 'reward', 'lives', 'flags', 'ramCrc', 'screenCrc'))
    for i in range(n):
        if fl[i] & 4: a.reset_game()
        r = a.act(act[i]) if st is None else a.act(act[i], float(st[i]))
        a.getScreen(scr); a.getRAM(ram)
        f = (1 if a.game_over(with_truncation=False) else 0) | (2 if a.game_truncated() else 0)
        if (r, a.lives(), f, zlib.crc32(ram), zlib.crc32(scr)) != (rew[i], liv[i], fl[i] & 3, rc[i], sc[i]):
            raise Bad(f'frame {i}: got reward {r} lives {a.lives()} flags {f}, recorded {rew[i]} {liv[i]} {fl[i]}')
        if i in snap:
            k = snap[i]; eq(scr, d['snapScreen'][k], f'screen {i}'); eq(ram, d['snapRam'][k], f'ram {i}')
            eq([a.getFrameNumber(), a.getEpisodeFrameNumber()], [d['snapFrameNo'][k], d['snapEpisodeFrameNo'][k]], f'counters {i}')
    return n

def noop_draws(seed, count):
    """np_random of the environment, rebuilt from the seed alone."""
    w0 = int(np.random.SeedSequence(seed).generate_state(2)[0])
    g = np.random.Generator(np.random.PCG64(np.random.SeedSequence(w0)))
    return [int(g.integers(1, 31)) for _ in range(count)]

def v_gym(h, d):
    import gymnasium as gym
    pairs = lambda d: {k: tuple(v) if isinstance(v, list) else v for k, v in d.items()}   # JSON has no tuples
    env = gym.make(h['envId'], **pairs(h['kwargs'])); w = h['wrappers'] and pairs(h['wrappers'])
    if w: env = gym.wrappers.FrameStackObservation(gym.wrappers.AtariPreprocessing(env, **w), h['frameStack'])
    resets = {r['step']: r for r in h['resets']}; snap = {int(s): k for k, s in enumerate(d['snapStep'])}
    draws = []
    for i in range(len(d['action'])):
        if i in resets:
            r = resets[i]; o, info = env.reset(seed=r['seed']); x = o[-1] if w else o
            got = (info['lives'], info['frame_number'], info['episode_frame_number'], crc(x), crc(o))
            if got != tuple(r[k] for k in ('lives', 'frameNo', 'episodeFrameNo', 'obsCrc', 'stackCrc')): raise Bad(f'reset at {i}')
            if 'noops' in r:
                if r['seed'] is not None: draws = noop_draws(r['seed'], 4000); draws.reverse()
                if draws.pop() != r['noops']: raise Bad(f'noop draw at {i}')
        o, r, te, tr, info = env.step(int(d['action'][i])); x = o[-1] if w else o
        got = (r, info['lives'], (1 if te else 0) | (2 if tr else 0), info['frame_number'], info['episode_frame_number'], crc(x), crc(o))
        want = tuple(d[k][i] for k in ('reward', 'lives', 'flags', 'frameNo', 'episodeFrameNo', 'obsCrc', 'stackCrc'))
        if got != want: raise Bad(f'step {i}: {got} != {want}')
        if i in snap: eq(x, d['snapObs'][snap[i]], f'obs {i}')
    return len(d['action'])

def v_noops(h, d):
    import gymnasium as gym
    env = gym.wrappers.AtariPreprocessing(gym.make('BreakoutNoFrameskip-v4'))
    for e in h['rows']:
        if noop_draws(e['seed'], 5) != e['noops']: raise Bad(f'seed {e["seed"]}: draws')
        for k in range(5):
            o, i = env.reset(seed=e['seed'] if k == 0 else None)
            if (i['episode_frame_number'], crc(o)) != (e['noops'][k], e['obsCrc'][k]): raise Bad(f'seed {e["seed"]}')
    return len(h['rows'])

def area84(img):
    """The two-pass float32 formula in NumPy, to prove it against cv2's stored output."""
    f = np.float32
    def taps(n, src, dst):
        out = []
        for c in range(n):
            lo, hi = c * src, (c + 1) * src; t = []
            s = lo // dst
            while s * dst < hi:
                t.append((s, f((min(hi, (s + 1) * dst) - max(lo, s * dst)) / src))); s += 1
            out.append(t)
        return out
    hx, vy = taps(84, 160, 84), taps(84, 210, 84)
    p = img.astype(f); H = np.zeros((210, 84), f)
    for c, t in enumerate(hx):
        for s, w in t: H[:, c] = H[:, c] + p[:, s] * w
    out = np.zeros((84, 84), f)
    for r, t in enumerate(vy):
        for s, w in t: out[r] = out[r] + H[s] * w
    return np.clip(np.rint(out), 0, 255).astype(np.uint8)

def v_resize(h, d):
    n = h['images']; noise = G.mt_bytes(h['mtSeed'], n * 33600).reshape(n, 210, 160); cv2 = G.cv2
    rs = lambda x: cv2.resize(x, (84, 84), interpolation=cv2.INTER_AREA)
    eq([crc(x) for x in noise], d['inputCrc'], 'noise'); bad = 0
    for i in range(n // 2):
        pool = np.maximum(noise[2 * i], noise[2 * i + 1])
        eq(rs(noise[i]), d['single'][i], f'single {i}'); eq(rs(pool), d['pooled'][i], f'pooled {i}')
        bad += int((area84(noise[i]) != d['single'][i]).sum()) + int((area84(pool) != d['pooled'][i]).sum())
    gray = {}
    ph, _ = load(os.path.join(os.path.dirname(os.path.abspath(PATH)), 'palette.bin.gz'))
    lut = np.zeros(256, np.uint8)
    for k, v in ph['even'].items(): lut[int(k)] = v[3]
    for i, (s0, s1) in enumerate(d['framePair']):
        g = np.maximum(lut[s0], lut[s1])
        eq(crc(g), d['framePooledCrc'][i], f'pair {i}'); eq(rs(g), d['frameOut'][i], f'pair {i} resized'); bad += int((area84(g) != d['frameOut'][i]).sum())
    if bad: print(f'   note: the formula differs from cv2 in {bad} of {(n + len(d["framePair"])) * 7056} pixels')
    return n

def v_restore(h, d):
    acts = d['action'].tolist()
    hh, arr = G.run_restore(h['settings'], h['ops'], lambda a, i: acts[i])
    if hh['afterOp'] != h['afterOp']: raise Bad('afterOp')
    for k, (t, v) in arr.items(): eq(np.asarray(v), d[k], k)
    return len(acts)

def v_regen(h, d):
    """palette, boot, start: made again in memory and compared whole."""
    got = {}
    G.put = lambda name, header, arrays: got.update(h=header, a=arrays)
    k = h['kind']
    if k == 'palette': G.palette_fixture('x')
    elif k == 'boot': G.boot_fixture('x')
    else:
        a = G.make_ale(h['settings']); rows, scr = [G.dec(a)], [a.getScreen().copy()]
        for x in d['action'].tolist(): a.act(x); rows.append(G.dec(a)); scr.append(a.getScreen().copy())
        f, arr = G.trace_arrays(rows, scr); got.update(h={'fields': f}, a=dict(arr, action=('u8', d['action'])))
    if k == 'palette':
        if got['h']['even'] != h['even']: raise Bad('table')
        return 128
    if got['h']['fields'] != h['fields']: raise Bad('fields')
    for n, (t, v) in got['a'].items(): eq(np.asarray(v), d[n], n)
    return len(d['ram'])

if __name__ == '__main__':
    fails = 0; only = sys.argv[2] if len(sys.argv) > 2 else ''
    for PATH in sorted(glob.glob(os.path.join(sys.argv[1], '*.bin.gz'))):
        if only not in PATH: continue
        h, d = load(PATH)
        try:
            f = {'raw': v_raw, 'gym': v_gym, 'noops': v_noops, 'resize': v_resize, 'restore': v_restore}.get(h['kind'], v_regen)
            print(f'ok   {h["name"]} ({f(h, d)})', flush=True)
        except Bad as e: fails += 1; print(f'FAIL {h["name"]}: {e}', flush=True)
    print('failures:', fails); sys.exit(1 if fails else 0)
