"""Documents with templates of every shape: those that DVC takes, and those that it refuses."""

FILES: dict[str, str] = {
    "params.yaml": """\
a: 1
rate: 1e-3
flag: true
off: false
nothing: null
text: two words
quote: it's
train: {lr: 0.1, layers: [8, {size: 16}], on: yes, empty: {}}
names: [x, y]
flags: [true, 2, null]
groups: {us: {epochs: 3}, uk: {epochs: 4}, 7: {epochs: 5}}
deep: [[1, 2], [3]]
"a.b": 5
item: mine
arguments:
  {lr: 0.1, on: true, off: false, n: null, l: [1, 'a b', false], e: [], d: {x: 'y z', q: {}}}
""",
    "w/more.toml": "n = 5\n",
    "w2/more.toml": "n = 6\n",
    "w/more.json": '{"j": "J", "k": [1, 2]}',
    "v.py": """\
N: int = 3
M = f(3)
class Train:
    lr = 1e-3
    def __init__(self):
        self.deep = 'd'
        self.deep, x = 1, 2
""",
    "plain": "p: q\n",
    "list.json": "[1]",
    "date.yaml": "d: 2020-01-01\n",
    "t.py": "t = (1, 2)\n",
    "sub/params.yaml": "local: here\n",
}

_S = "stages: {s: {cmd: echo}}\n"

ACCEPTED: dict[str, str] = {
    "exact": "stages: {s: {cmd: '${text}', deps: ['${text}', '${a}'], desc: '${flag}'}}",
    "spelled": "stages: {s: {cmd: 'x ${a} ${rate} ${flag} ${off} ${nothing} ${text} ${quote}'}}",
    "nested": "stages: {s: {cmd: 'x ${train.lr} ${train.layers[0]} ${train.layers[1].size}'}}",
    "blanks": "stages: {s: {cmd: '${ a } ${train . lr} ${train.layers[ 1 ] .size} ${names[-1]}'}}",
    "escaped": r"stages: {s: {cmd: 'echo \${HOME} ${a} $HOME $${a} \\${a}'}}",
    "only escaped": r"stages: {s: {cmd: 'echo \${HOME}'}}",
    "never closed": "stages: {s: {cmd: 'echo ${a ${', deps: [$, '${', '}']}}",
    "two lines": 'stages: {s: {cmd: "echo ${a\\n} ${a}"}}',
    "a dollar by its code": 'stages: {s: {cmd: "echo \\x24{a}"}}',
    "a dollar before a fold": 'stages: {s: {cmd: "echo $\\\n    {a}"}}',
    "arguments": "stages: {s: {cmd: 'run ${arguments} --end'}}",
    "list of commands": "stages: {s: {cmd: ['a ${a}', 'b ${arguments}', c]}}",
    "in keys": """
stages: {s: {cmd: x, outs: [{'o-${a}': {cache: false}}], params: [{'${text}': [a]}]}}
""",
    "in meta": "stages: {s: {cmd: x, meta: {a: {b: '${a}', c: [1, '${text}']}}}}",
    "wdir": "stages: {s: {cmd: x, wdir: 'w/${text}', deps: ['../${a}']}}",
    "stage vars": """
stages: {s: {wdir: w, vars: ['more.toml:n', {own: v}], cmd: 'x ${n} ${own} ${a}'}}
""",
    "params.yaml again": "vars: [params.yaml]\nstages: {s: {cmd: '${text}'}}",
    "vars": """
vars: ['w/more.json:j', 'w/more.json:k', {train: {new: 1}}]
stages: {s: {cmd: 'x ${j} ${k[1]} ${train.new} ${train.lr}'}}
""",
    "vars of Python": "vars: [v.py]\nstages: {s: {cmd: 'x ${N} ${Train.lr} ${Train.deep}'}}",
    "vars without a suffix": "vars: [plain]\nstages: {s: {cmd: 'x ${p}'}}",
    "vars not used": "vars: []\nstages: {s: {cmd: x, meta: {a: 1}}}",
    "item outside": "stages: {s: {cmd: 'x ${item}'}}",
    "foreach of scalars": """
stages:
  s:
    foreach: [x, 1, true, null, 1.5, x, sp ace]
    do: {cmd: 'run ${item}', outs: ['o-${item}']}
""",
    "foreach of mixed": "stages: {s: {foreach: [{n: 1}, two, [z]], do: {cmd: x}}}",
    "foreach of mappings": """
stages:
  s:
    foreach: [{n: 1, o: {p: '${a}'}}]
    do: {cmd: 'x ${item.n} ${item.o.p} ${item}'}
""",
    "foreach over a mapping": """
stages:
  s:
    foreach: {us: {e: 1}, uk: {e: '${a}'}, 7: {e: 3}}
    do: {cmd: 'x ${key} ${item.e}', wdir: '${key}'}
""",
    "foreach over a template": """
stages: {s: {foreach: '${groups}', do: {cmd: '${key} ${item.epochs}!'}}}
""",
    "foreach over templates": """
stages: {s: {foreach: ['${flag}', true, '${a}', 'x${flag}'], do: {cmd: 'x ${item}'}}}
""",
    "foreach over flags": "stages: {s: {foreach: '${flags}', do: {cmd: 'x ${item}'}}}",
    "foreach over lists": "stages: {s: {foreach: '${deep}', do: {cmd: 'x ${item[0]}'}}}",
    "foreach over nothing": "stages: {s: {foreach: [], do: {cmd: x}}}",
    "foreach with vars": """
stages:
  s:
    foreach: [w, w2]
    do: {wdir: '${item}', vars: [more.toml], cmd: 'x ${n} ${item}'}
""",
    "foreach and another key": """
vars: [{key: k}]
stages: {s: {foreach: [1], do: {cmd: 'x ${key} ${item}'}}}
""",
    "matrix": """
stages:
  s:
    matrix: {m: [cnn, x b], n: [1, true, null], p: [{q: 1}, [2]]}
    cmd: x ${item.m} ${item.n} ${key}
    outs: ['${key}.txt']
""",
    "matrix of templates": """
stages:
  s:
    matrix: {m: '${names}', f: '${flags}', g: '${groups}'}
    cmd: x ${item.m} ${item.f} ${item.g}
""",
    "matrix of letters": """
stages: {s: {matrix: {m: ab, 'n${a}': ['${flag}']}, cmd: 'x ${item.m} ${item.n1}'}}
""",
    "matrix of nothing": "stages: {s: {matrix: {m: []}, cmd: x}}",
    "matrix of mappings": """
stages: {s: {matrix: {p: [{q: {r: 1}}]}, cmd: 'x ${item.p.q} ${item.p}'}}
""",
    "other sections": """
artifacts: {'m-${a}': {path: '${text}', type: model, meta: {x: '${train}'}}}
metrics: ['${text}.json', m]
plots: ['p-${a}', {q: {x: '${text}'}}]
""",
    "list in a description": "artifacts: {m: {path: x, desc: 'of ${deep} ${flags}'}}",
}

REFUSED: dict[str, str] = {
    "unknown": "stages: {s: {cmd: 'x ${b}'}}",
    "unknown below": "stages: {s: {cmd: 'x ${train.nope}'}}",
    "unknown in a description": "stages: {s: {cmd: x, desc: '${nope}'}}",
    "below a scalar": "stages: {s: {cmd: 'x ${a.c}'}}",
    "dotted key": "stages: {s: {cmd: 'x ${a.b}'}}",
    "index too large": "stages: {s: {cmd: 'x ${names[2]}'}}",
    "index of text": "stages: {s: {cmd: 'x ${names.x}'}}",
    "no name": "stages: {s: {cmd: 'x ${}'}}",
    "blank name": "stages: {s: {cmd: 'x ${ }'}}",
    "two dots": "stages: {s: {cmd: 'x ${train..lr}'}}",
    "open bracket": "stages: {s: {cmd: 'x ${names[0}'}}",
    "text after a bracket": "stages: {s: {cmd: 'x ${names[0]x}'}}",
    "template in a template": "stages: {s: {cmd: 'x ${a${a}}'}}",
    "bad template that nothing uses": "stages: {s: {foreach: [a], do: {cmd: '${a[}'}}}",
    "list in a command": "stages: {s: {cmd: 'x ${names}'}}",
    "mapping in deps": "stages: {s: {cmd: x, deps: ['${train}']}}",
    "list in meta": "stages: {s: {cmd: x, meta: {a: '${names}'}}}",
    "arguments of two levels": "stages: {s: {cmd: 'x ${train}'}}",
    "arguments of one name": """
vars: [{d: {a.b: 1, a: {b: 2}}}]
stages: {s: {cmd: 'x ${d}'}}
""",
    "vars redefined": "vars: [{a: 1}]\n" + _S,
    "vars redefined below": "vars: [{train: {lr: 0.1}}]\n" + _S,
    "vars of a part of params.yaml": "vars: ['params.yaml:a']\n" + _S,
    "vars of one key twice": "vars: ['w/more.json:j', 'w/more.json:j']\n" + _S,
    "vars of the whole after a part": "vars: ['w/more.json:j', w/more.json]\n" + _S,
    "vars of a part after the whole": "vars: [w/more.json, 'w/more.json:j']\n" + _S,
    "vars of an absent key": "vars: ['w/more.json:z']\n" + _S,
    "vars of an absent file": "vars: [nope.yaml]\n" + _S,
    "vars of a folder": "vars: [w]\n" + _S,
    "vars of a list": "vars: [list.json]\n" + _S,
    "vars with a date": "vars: [date.yaml]\n" + _S,
    "vars with a tuple": "vars: [t.py]\n" + _S,
    "vars with a template": "vars: [{x: '${a}'}]\n" + _S,
    "vars with a template as key": "vars: [{'x${a}': 1}]\n" + _S,
    "stage vars with a template": "stages: {s: {cmd: x, vars: [{x: '${a}'}]}}",
    "stage vars redefined": "stages: {s: {cmd: x, vars: [{a: 2}]}}",
    "wdir from stage vars": "stages: {s: {cmd: x, wdir: '${own}', vars: [{own: w}]}}",
    "item reserved": "stages: {s: {foreach: [1], do: {cmd: x, vars: [{item: 1}]}}}",
    "item reserved, and a mapping": """
stages: {s: {foreach: [{n: 1}], do: {cmd: x, vars: [{item: {m: 1}}]}}}
""",
    "key reserved": "stages: {s: {foreach: {u: 1}, do: {cmd: x, vars: [{key: 1}]}}}",
    "key of a list": "stages: {s: {foreach: [1], do: {cmd: 'x ${key}'}}}",
    "foreach over a scalar": "stages: {s: {foreach: '${a}', do: {cmd: x}}}",
    "foreach over a text": "stages: {s: {foreach: text, do: {cmd: x}}}",
    "foreach without do": "stages: {s: {foreach: [1]}}",
    "do without foreach": "stages: {s: {do: {cmd: 'x ${a}'}}}",
    "foreach and cmd": "stages: {s: {foreach: [1], do: {cmd: x}, cmd: x}}",
    "foreach and matrix": "stages: {s: {foreach: [1], do: {cmd: x}, matrix: {a: [1]}}}",
    "foreach over a template as key": "stages: {s: {foreach: {'${text}': 1}, do: {cmd: x}}}",
    "foreach over a date": "stages: {s: {foreach: [2020-01-01], do: {cmd: x}}}",
    "empty name": "stages: {s: {foreach: [''], do: {cmd: x}}}",
    "at in a name": "stages: {s: {foreach: [a@b], do: {cmd: x}}}",
    "at in a stage": "stages: {s@t: {cmd: 'x ${a}'}}",
    "matrix of nothing at all": "stages: {s: {matrix: {}, cmd: x}}",
    "matrix of a text": "stages: {s: {matrix: {m: '${text}'}, cmd: x}}",
    "matrix of a mapping": "stages: {s: {matrix: {m: {a: 1}}, cmd: x}}",
    "matrix of a number": "stages: {s: {matrix: {m: 3}, cmd: x}}",
    "matrix of dates": "stages: {s: {matrix: {m: [2020-01-01]}, cmd: x}}",
    "artifact unknown": "artifacts: {m: {path: '${nope}'}}\n" + _S,
    "artifact with a list as name": "artifacts: {'${names}': {path: x}}\n" + _S,
    "stages in a list": "vars: []\nstages: [s]\n",
}
