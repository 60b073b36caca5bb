"""Checks what a reviewer would otherwise have to say: length, order, names, words. CONTRIBUTING.md has the reasons.

check_style.py PROJECT_DIR                 what is wrong, a line each; exit code 1 if anything is
check_style.py --fix-guards PROJECT_DIR    renames include guards to what their files' places make them
check_style.py --self-test                 each check finds what it is for
"""
import pathlib
import re
import sys

MAX_COLUMNS = 120
MAX_LINES = 400
MAX_FUNCTION_LINES = 40
FOLDERS = ('client', 'deploy', 'proto', 'server', 'storage', 'tests')
CPP = ('.cc', '.h')
CHECKED = CPP + ('.py', '.proto', '.sh', '.cmake', '.js')
SHORT_FUNCTIONS = ('client/', 'server/', 'storage/')

# What is not written here, and what is instead. Whole words, in any case, in code and comments.
BANNED_WORDS = {
    'todo': 'do it, or file an issue',
    'fixme': 'do it, or file an issue',
    'behaviour': 'behavior',
    'blacklist': 'blocklist',
    'catalogue': 'catalog',
    'colour': 'color',
    'licence': 'license',
    'licences': 'licenses',
    'whitelist': 'allowlist',
}


def guard_of(path):
    """LMP_SERVER_LOG_H_; of the library's public headers, as its users include them: LMP_NAMES_H_."""
    place = re.sub(r'^client/(include|mocks)/lmp/', '', path)
    return 'LMP_' + re.sub(r'[/.]', '_', place).upper() + '_'


def long_lines(path, lines):
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_COLUMNS:
            yield number, f'{len(line)} columns, {MAX_COLUMNS} at most'


def long_files(path, lines):
    if len(lines) > MAX_LINES:
        yield 1, f'{len(lines)} lines, {MAX_LINES} at most: which idea in it deserves a file of its own?'


def long_functions(path, lines):
    """Of C++: from a line that begins in the first column to the next "}" there. Rows of a table do not count, nor do
    the fields of a row."""
    if not path.endswith(CPP) or not path.startswith(SHORT_FUNCTIONS):
        return
    head, opened = None, False
    for number, line in enumerate(lines, 1):
        if head is None and re.match(r'(?!namespace|using|template)[A-Za-z_].*\(', line):
            head, opened = number, False
        if head is not None:
            opened = opened or line.endswith('{')
            ended = line.startswith('}') if opened else line.endswith((';', '}')) or not line
            length = sum(not re.match(r'\s*(\{|\.\w+ = |\w+Rpc\{)', row) for row in lines[head:number - 1])
            if ended and opened and length > MAX_FUNCTION_LINES:
                yield head, f'a function of {length} lines, {MAX_FUNCTION_LINES} at most'
            if ended:
                head = None


def include_guards(path, lines):
    if not path.endswith('.h'):
        return
    code = [line for line in lines if line and not line.startswith('//')]
    for guard in (guard_of(path), guard_of(path).removeprefix('LMP_')):
        if code[:2] == [f'#ifndef {guard}', f'#define {guard}'] and lines[-1] == f'#endif  // {guard}':
            return
    yield 1, f'the include guard is not {guard_of(path)}'


def include_order(path, lines):
    """In a source its own header comes first; then blocks, each sorted: C's, C++'s, all others."""
    if not path.endswith(CPP):
        return
    own = re.sub(r'(_test)?\.cc$', '.h', path)  # a test's own header is that of what it tests
    previous = None
    for number, line in enumerate(lines, 1):
        match = re.match(r'#include ([<"])(.+)[>"]', line)
        if not match:
            if re.match(r'#(if|else|elif|endif)|[a-z}]', line):  # each branch by itself, and what is included as text
                previous = None
            continue
        kind, name = match.groups()
        if own.endswith('/' + name) or own == name or (previous is None and own.endswith(name.rpartition('/')[2])):
            rank = 0
        else:
            rank = 3 if kind == '"' else 1 if name.endswith('.h') else 2
        if previous and (rank, name) < previous:
            yield number, f'#include of {name} comes before that of {previous[1]}'
        previous = rank, name


def banned_words(path, lines):
    if path == 'tests/tidy/check_style.py':
        return
    words = re.compile(r'\b(' + '|'.join(map(re.escape, BANNED_WORDS)) + r')\b', re.IGNORECASE)
    for number, line in enumerate(lines, 1):
        for word in words.findall(line):
            yield number, f'"{word}": {BANNED_WORDS[word.lower()]}'


def white_space(path, lines):
    for number, line in enumerate(lines, 1):
        if line != line.rstrip() or '\t' in line:
            yield number, 'a tab, or a space at the end'


CHECKS = (long_lines, long_files, long_functions, include_guards, include_order, banned_words, white_space)


def lonely_headers(texts):
    """Headers that nobody includes; {path: text}."""
    included = set()
    for path, text in texts.items():
        for name in re.findall(r'^\s*#\s*include "([^"]+)"', text, re.MULTILINE):
            if name != path:
                included.add(name)
    for path in texts:
        place = re.sub(r'^client/(include|mocks)/', '', path)
        own = path.removesuffix('.h') + '.cc'
        if path.endswith('.h') and not {place, path} & included:
            yield path, 1, 'nobody includes it'
        elif path.endswith('.h') and all(f'#include "{place}"' not in texts[name] for name in texts if name != own):
            yield path, 1, 'only its own source includes it'


def violations_of(path, text):
    lines = text.split('\n')
    if lines[-1]:
        yield path, len(lines), 'no newline at the end'
    else:
        lines.pop()
    for check in CHECKS:
        for number, what in check(path, lines):
            yield path, number, what


def sources(root):
    paths = [path for folder in FOLDERS for path in sorted((root / folder).rglob('*'))]
    return {str(path.relative_to(root)): path.read_text() for path in paths
            if path.is_file() and 'node_modules' not in path.parts and path.suffix in CHECKED}


def fix_guards(root):
    for path, text in sources(root).items():
        guard = re.search(r'^#ifndef (\w+)\n#define \1$', text, re.MULTILINE)
        if path.endswith('.h') and guard and guard[1] != guard_of(path):
            (root / path).write_text(re.sub(rf'\b{guard[1]}\b', guard_of(path), text))


def self_test():
    """Each of these must be found: a check that cannot fail is none."""
    header = '#ifndef LMP_SERVER_X_H_\n#define LMP_SERVER_X_H_\n{}\n#endif  // LMP_SERVER_X_H_\n'
    bad = [
        ('server/x.py', 'x' * 121 + '\n', '121 columns'),
        ('server/x.py', 'x\n' * 401, '401 lines'),
        ('storage/x.cc', 'int F() {\n' + '  G();\n' * 41 + '}\n', 'function of 41'),
        ('server/x.h', header.replace('SERVER', 'STORAGE').format(''), 'include guard'),
        ('server/x.cc', '#include <string>\n\n#include "server/x.h"\n', 'server/x.h'),
        ('server/x.cc', '#include <vector>\n#include <string>\n', 'string'),
        ('server/x.cc', '#include "server/y.h"\n\n#include <string>\n', 'string'),
        ('server/x.sh', '# to' + 'do: later\n', 'issue'),
        ('server/x.cc', 'int x; \n', 'space'),
        ('server/x.cc', 'int x;', 'newline'),
    ]
    good = [
        ('server/x.h', header.format('')),
        ('server/x.cc', '#include "server/x.h"\n\n#include <unistd.h>\n\n#include <string>\n\n#include "absl/a.h"\n'),
        ('storage/x.cc', 'int F() {\n' + '  G();\n' * 40 + '      {1, 2},\n}\n'),
        ('tests/x/y_test.cc', '#include "server/x/y.h"\n\n#include <string>\n\n#include "gmock/gmock.h"\n'),
    ]
    missed = [case for case in bad if not any(case[2] in what for *_, what in violations_of(*case[:2]))]
    wrong = [found for case in good for found in violations_of(*case)]
    alone = {'server/x.h': '', 'server/x.cc': '#include "server/x.h"\n'}
    if not list(lonely_headers(alone)) or list(lonely_headers({**alone, 'server/y.cc': '#include "server/x.h"\n'})):
        wrong.append('lonely headers')
    for case in missed + wrong:
        print('self-test:', case)
    return not missed and not wrong


def main(*arguments):
    if '--self-test' in arguments:
        return 0 if self_test() else 1
    root = pathlib.Path(arguments[-1])
    if '--fix-guards' in arguments:
        fix_guards(root)
    texts = sources(root)
    found = [violation for path, text in texts.items() for violation in violations_of(path, text)]
    found += lonely_headers(texts)
    for path, number, what in sorted(found):
        print(f'{path}:{number}: {what}')
    if not found:
        print(f'{len(texts)} files, nothing to say')
    return 1 if found or not texts else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
