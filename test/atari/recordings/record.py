"""Records how ale-py runs programs that are not Breakout. Usage: record.py PROGRAMS.json OUT.bin.gz TIA CPU [FIRST_SEED]
Needs ale-py 0.12.1 and numpy. PROGRAMS.json is what assemble.ts prints; TIA and CPU are numbers of random programs.

ALE loads only cartridges it knows, but it restores any state: one with a program in the console's 128 bytes and the
program counter there runs that program. First CLEAR runs for four frames, so that every part of the TIA has been written."""
import json, os, random, sys, zlib
import numpy as np
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../conformance'))
import alestate
from fixfile import save
from ale_py import ALEInterface, ALEState, LoggerMode, roms, __version__

ALEInterface.setLoggerMode(LoggerMode.Error)
FIELDS = [f for f in alestate.TRACE if f not in ('reward', 'score', 'lives', 'terminal', 'started', 'frameNo', 'epFrameNo')]
CODE, DATA, COUNTER = 0x80, 0xE0, 0xF6
DATA_BYTES = 20

# VSYNC; 0 to all registers of the TIA from CXCLR down to VBLANK; 256 lines
VSYNC = bytes([0xA9, 2, 0x85, 0, 0x85, 2, 0x85, 2, 0x85, 2, 0xA9, 0, 0x85, 0])
CLEAR = VSYNC + bytes([0xA2, 0x2C, 0x95, 0, 0xCA, 0xD0, 0xFB, 0xA0, 0, 0x85, 2, 0xC8, 0xD0, 0xFB, 0xB8, 0x50, 0xE1])

class Recorder:
    def __init__(s):
        s.ale = ALEInterface(); s.ale.setInt('random_seed', 0); s.ale.setFloat('repeat_action_probability', 0.0)
        s.ale.loadROM(roms.get_rom_path('breakout'))
        s.base = s.decode()
    def decode(s): return alestate.decode(s.ale.cloneState(include_rng=True).serialize())
    def restore(s, d): s.ale.restoreState(ALEState(alestate.encode(d)))
    def start(s, ram):
        d = dict(s.base)
        for k in alestate.TRACE: d[k] = False if isinstance(d[k], bool) else 0
        d.update(PC=CODE, SP=255, B=True, notZ=True, status=1, RAM=CLEAR + bytes(128 - len(CLEAR)), T=25, k=6, vsyncFin=0x7fffffff,
                 lives=5, padL=408823, padR=408823, padMin=27450)
        s.restore(d)
        for _ in range(4): s.ale.act(0)
        assert not s.ale.getScreen().any()
        d = s.decode()
        d.update(RAM=bytes(ram), PC=CODE, A=0, X=0, Y=0, SP=255, N=False, V=False, D=False, I=False, notZ=True, C=False, lives=5, score=0)
        s.restore(d)
    def record(s, ram, frames):
        """Rows of (fields, memory, CRC of the picture); None if Breakout's rules take the program for a lost game."""
        s.start(ram); rows = []
        for _ in range(frames):
            s.ale.act(0); d = s.decode()
            if d['terminal']: return None
            rows.append(([int(d[f]) & 0xffffffff for f in FIELDS], list(d['RAM']), zlib.crc32(np.ascontiguousarray(s.ale.getScreen()))))
        return rows

# ---------------------------------------------------------------- random programs
# TIA registers by how often they are written
REGISTERS = ([0, 0, 0x02] + [4, 5] * 4 + [6, 7, 8, 9] + [0x0A] * 4 + [0x0B, 0x0C] * 2 + [0x0D, 0x0E, 0x0F] * 2 + [0x10, 0x11] * 4
             + [0x12, 0x13, 0x14] * 3 + [0x1B, 0x1C] * 4 + [0x1D, 0x1E, 0x1F] * 2 + [0x20, 0x21, 0x22, 0x23, 0x24] * 2
             + [0x25, 0x26, 0x27] + [0x28, 0x29] * 2 + [0x2A] * 4 + [0x2B, 0x2C])

def byte(r): return r.choice([r.randrange(256), 1 << r.randrange(8), 0xff, 0, 2])
def data(r): return DATA + r.randrange(DATA_BYTES)

def tia_item(r, vblank):
    """One or two instructions, most of which write to the TIA."""
    k = r.random()
    if k < .45:
        register = 1 if vblank and r.random() < .1 else r.choice(REGISTERS[2:])
        return [r.choice([0x85, 0x85, 0x85, 0x86, 0x84]), register]
    if k < .65: return [r.choice([0xA9, 0xA9, 0xA2, 0xA0, 0x49, 0x69]), byte(r)]
    if k < .75: return [r.choice([0xE8, 0xCA, 0x0A, 0x4A, 0x2A, 0x8A, 0x98, 0xEA, 0xEA])]
    if k < .80: return [0x85, 2]
    if k < .86: return [r.choice([0xA5, 0x05, 0x45, 0x24]), 0x30 + r.randrange(16), 0x85, data(r)]
    if k < .92: return [0xA5, CODE + r.randrange(0x74)]
    if k < .96: return r.choice([[0xB5, CODE], [0xB6, CODE], [0xA5, data(r)]])
    return [r.choice([0x24, 0xE6, 0xC6]), data(r)]

ALU = [0x00, 0x20, 0x40, 0x60, 0x60, 0xA0, 0xC0, 0xE0, 0xE0]   # ORA AND EOR ADC LDA CMP SBC, plus the mode's bits
RMW = [0x06, 0x26, 0x46, 0x66, 0xC6, 0xE6]                     # ASL ROL LSR ROR DEC INC, zero page
MIRRORS = [0x00, 0x01, 0x04, 0x05, 0x0C, 0x0D, 0x21, 0xE5]     # high bytes under which memory appears

def pointer(r):
    """Instructions that leave the address of a data byte, less an index, in data memory: (code, address of it, index)."""
    target = r.choice(MIRRORS) << 8 | data(r); index = r.choice([0, 1, 0x7f, 0xff, r.randrange(256)])
    at = DATA + r.randrange(DATA_BYTES - 1); base = target - index & 0xffff
    return [0xA9, base & 255, 0x85, at, 0xA9, base >> 8, 0x85, at + 1], at, index

def cpu_item(r):
    """A few instructions: any documented ones but JSR, RTS, BRK, RTI, JMP and TXS, whose effect depends on where they lie."""
    k = r.random(); read = CODE + r.randrange(128)
    if k < .12: return [r.choice(ALU) + 9, byte(r)]
    if k < .16: return [r.choice([0xA2, 0xA0, 0xE0, 0xC0]), byte(r)]
    if k < .26: return [r.choice(ALU) + 5, read]
    if k < .30: return [r.choice([0x24, 0xA6, 0xA4, 0xE4, 0xC4, 0xB4, 0xB6]), read]
    if k < .34: return [r.choice(ALU) + 0x15, read]
    if k < .40: return [r.choice(ALU) + r.choice([0x0D, 0x1D, 0x19]), read, r.choice(MIRRORS)]
    if k < .44: return [r.choice([0x2C, 0xAE, 0xAC, 0xEC, 0xCC, 0xBC, 0xBE]), read, r.choice(MIRRORS)]
    if k < .50: return [r.choice([0x85, 0x86, 0x84] + RMW), data(r)]
    if k < .53: return [r.choice([0x8D, 0x8E, 0x8C] + [o + 8 for o in RMW]), data(r), r.choice(MIRRORS)]
    if k < .56:
        at, x = data(r), r.randrange(256); return [0xA2, x, r.choice([0x95, 0x94] + [o + 16 for o in RMW]), at - x & 255]
    if k < .57: at, y = data(r), r.randrange(256); return [0xA0, y, 0x96, at - y & 255]
    if k < .62:
        at, x = r.choice(MIRRORS) << 8 | data(r), r.randrange(256); base = at - x & 0xffff
        return r.choice([[0xA2, x, r.choice([0x9D, 0x1D, 0x7D, 0xFD] + [o + 24 for o in RMW]), base & 255, base >> 8],
                         [0xA0, x, r.choice([0x99, 0x19, 0x79, 0xF9, 0xBE]), base & 255, base >> 8]])
    if k < .68:
        code, at, index = pointer(r)
        return code + [0xA0, index, r.choice(ALU + [0x80, 0x80]) + 0x11, at]
    if k < .72:
        code, at, index = pointer(r); target = r.choice(MIRRORS) << 8 | data(r); x = r.randrange(256)
        return [0xA9, target & 255, 0x85, at, 0xA9, target >> 8, 0x85, at + 1, 0xA2, x, r.choice(ALU + [0x80]) + 1, at - x & 255]
    if k < .82: return [r.choice([0x0A, 0x2A, 0x4A, 0x6A, 0xE8, 0xCA, 0xC8, 0x88, 0xAA, 0xA8, 0x8A, 0x98, 0xBA, 0xEA])]
    if k < .88: return [r.choice([0x18, 0x38, 0x58, 0x78, 0xB8, 0xD8, 0xF8, 0xF8])]
    if k < .91: return r.choice([[0x48, 0x28], [0x08, 0x68], [0x48, 0x68], [0x08, 0x28]])
    if k < .93: return [r.choice([0xA5, 0x45, 0x65]), r.randrange(0x40)]
    if k < .95: return [0xAD, r.choice([0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x94]), 0x02]
    if k < .97: return [0x8D, r.choice([0x80, 0x81, 0x82, 0x94, 0x95, 0x96, 0x97]), 0x02]
    skipped = cpu_item(r)
    return [r.choice([0x10, 0x30, 0x50, 0x70, 0x90, 0xB0, 0xD0, 0xF0]), len(skipped)] + skipped

def random_program(seed, kind):
    """VSYNC, some instructions, then others in a loop; without absolute addresses in its code, so that it may lie anywhere."""
    r = random.Random(f'{kind}{seed}')
    vblank = r.random() < .1
    item = (lambda: tia_item(r, vblank)) if kind == 'tia' else (lambda: cpu_item(r))
    head = list(VSYNC) + [0x85, 1]
    for _ in range(r.choice([0, 6, 10])): head += item()
    head = head[:0] + head if len(head) < 56 else list(VSYNC) + [0x85, 1]
    head += [0xA9, r.choice([0, 0, 60, 100, 120]), 0x85, COUNTER]
    body = [0x85, 2] if kind == 'tia' and r.random() < .75 else []
    room = DATA - CODE - len(head) - 7
    for _ in range(r.choice([4, 8, 12, 20, 30])):
        new = item()
        if len(body) + len(new) > room: break
        body += new
    code = head + body + [0xE6, COUNTER, 0xD0, -(len(body) + 4) & 255, 0xB8, 0x50]
    code.append(-(len(code) + 1) & 255)
    assert len(code) <= DATA - CODE
    rest = [r.randrange(256) for _ in range(DATA - CODE - len(code))]
    return bytes(code + rest + [byte(r) for _ in range(0x20)])

def main():
    programs, out, tia, cpu = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    first = int(sys.argv[5]) if len(sys.argv) > 5 else 0
    todo = [(p['name'], bytes(p['bytes']), p['frames']) for p in json.load(open(programs))]
    for kind, count in (('tia', tia), ('cpu', cpu)):
        todo += [(f'{kind} {s}', random_program(s, kind), 4) for s in range(first, first + count)]
    recorder = Recorder(); names, rows = [], []
    for name, ram, frames in todo:
        r = recorder.record(ram, frames)
        if r is None: continue
        names.append({'name': name, 'frames': frames}); rows.append((ram, r))
    flat = [x for _, r in rows for x in r]
    save(out, {'kind': 'programs', 'fields': FIELDS, 'programs': names, 'versions': {'ale_py': __version__},
               'summary': {'programs': len(names), 'frames': len(flat)}},
         {'program': ('u8', [list(ram) for ram, _ in rows]), 'state': ('u32', [x[0] for x in flat]),
          'ram': ('u8', [x[1] for x in flat]), 'screenCrc': ('u32', [x[2] for x in flat])})
    print(f'{out}: {os.path.getsize(out)} bytes, {len(names)} programs, {len(flat)} frames')

if __name__ == '__main__': main()
