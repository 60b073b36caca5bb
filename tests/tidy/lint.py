#!/usr/bin/python3
"""Runs clang-tidy's checks of .clang-tidy over all sources of the product, on all processors.

lint.py [--jobs N] BUILD-DIRECTORY [PART-OF-A-PATH…]     those whose path has one of the parts in it
lint.py --self-test                                      shows that a mistake is found, also beside other files

Most of its time goes into headers that nearly all sources include. Files with the same flags are therefore read
together, by -include, as long as no two of them use one name in their anonymous namespaces. What can't be compiled
together all the same, as a header has such a name, is read alone, and costs as much as ten others. The build directory
must have been built, as sources include generated headers.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

PROJECT = pathlib.Path(__file__).parents[2]
TIDY = 'clang-tidy-19'
# More files together save little, and leave a processor without work at the end.
FILES_TOGETHER = 32
ANONYMOUS = re.compile(r'^namespace \{$(.*?)^\}  // namespace$', re.MULTILINE | re.DOTALL)
# A name that something at the beginning of a line declares: what stands before its parameters, value, body or end.
DECLARED = re.compile(
    r'^(?![ #/})]|using [\w:]+;)[^\n;={(]*?\b(\w+)(?:\[\w*\])?(?: final)?(?: : [^\n{]*)?\s*[({=;]', re.MULTILINE)


def private_names(source):
    names = {name for body in ANONYMOUS.findall(source) for name in DECLARED.findall(body)}
    return names | set(re.findall(r'^int (main)\(', source, re.MULTILINE))


def flags_of(command):
    """The compiler's flags without the compiler, its files, and the precompiled header, which clang can't read."""
    words = iter(shlex.split(command)[1:])
    flags = []
    for word in words:
        if word in ('-o', '-c'):
            next(words)
        elif word == '-include':
            header = next(words)
            flags += [] if 'cmake_pch' in header else [word, header]
        elif word not in ('-Winvalid-pch', '-fpch-preprocess'):
            flags.append(word)
    return tuple(flags)


def batches(build, parts):
    """Lists of (flags, files): each file of the product is in one."""
    open_batches, result = {}, []
    for entry in json.loads((build / 'compile_commands.json').read_text()):
        path = pathlib.Path(entry['file'])
        relative = str(path.relative_to(PROJECT)) if path.is_relative_to(PROJECT) else ''
        if not relative.startswith(('server/', 'storage/', 'client/')) or not any(part in relative for part in parts):
            continue
        names = private_names(path.read_text())
        key = flags_of(entry['command'])
        for taken, files in open_batches.setdefault(key, []):
            if len(files) < FILES_TOGETHER and not taken & names:
                taken |= names
                files.append(str(path))
                break
        else:
            open_batches[key].append((names, [str(path)]))
    for flags, found in open_batches.items():
        result += [(flags, files) for _, files in found]
    return sorted(result, key=lambda batch: -len(batch[1]))


def tidy(flags, files, build):
    together = [word for file in files[:-1] for word in ('-include', file)]
    checks = ['--checks=-bugprone-suspicious-include'] if together else []
    command = [TIDY, '--quiet', *checks, files[-1], '--', *flags, *together, '-Wno-everything']
    run = subprocess.run(command, text=True, cwd=build, capture_output=True, check=False)
    if run.returncode == 0:
        return []
    if len(files) > 1 and 'clang-diagnostic-error' in run.stdout:
        told = [file for file in files if f'{file}:' in run.stdout]
        print(f"can't be read together with others: {', '.join(told or files)}")
        rest = [file for file in files if file not in told] if told else []
        alone = [[file] for file in told or files]
        return [finding for some in [rest, *alone] if some for finding in tidy(flags, some, build)]
    return [run.stdout.strip() or run.stderr.strip() or f'{TIDY} ended with {run.returncode} at {files}']


def self_test():
    """Two sources that only can be read alone, as each has a Twice() of its own; the second has a mistake."""
    with tempfile.TemporaryDirectory() as directory:
        files = []
        for name, between in (('right.cc', 'text.clear();'), ('wrong.cc', '')):
            files.append(f'{directory}/{name}')
            pathlib.Path(files[-1]).write_text(f'''#include <string>
#include <utility>
int Twice(std::string text) {{
  const std::string moved = std::move(text);
  {between}
  return static_cast<int>(moved.size() + text.size());
}}
''')
        shutil.copy(PROJECT / '.clang-tidy', directory)
        found = '\n'.join(tidy(('-std=c++20',), files, directory))
    if 'wrong.cc' not in found or 'right.cc' in found or 'bugprone-use-after-move' not in found:
        sys.exit(f'the mistake, and nothing else, was to be found:\n{found}')


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('--self-test', action='store_true')
    arguments.add_argument('--jobs', type=int, default=len(os.sched_getaffinity(0)))
    arguments.add_argument('build', nargs='?', default='build/test')
    arguments.add_argument('parts', nargs='*')
    given = arguments.parse_args()
    if shutil.which(TIDY) is None:
        print(f"skipped '{TIDY} is not installed: apt-get install {TIDY}'")
        return
    if given.self_test:
        self_test()
        return
    build = pathlib.Path(given.build).resolve()
    work = batches(build, given.parts or [''])
    count = sum(len(files) for _, files in work)
    with concurrent.futures.ThreadPoolExecutor(given.jobs) as pool:
        findings = [text for found in pool.map(lambda batch: tidy(*batch, build), work) for text in found]
    print(*findings, f'{count} sources, read in {len(work)} batches: {len(findings)} with findings', sep='\n')
    sys.exit(bool(findings) or count == 0)


if __name__ == '__main__':
    main()
