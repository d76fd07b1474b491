"""Reading source text for tools/tidy: code without comments and strings, and where functions begin and end."""
import ast
import re


def code_of(text, swift):
    """The text with comments and the contents of strings blanked, so that every offset and line stays. Swift's interpolated
    expressions are code and stay."""
    out = list(text)

    def blank(begin, end):
        for index in range(begin, min(end, len(text))):
            if text[index] != "\n":
                out[index] = " "
        return end

    def comment(at):
        if text.startswith("//", at):
            end = text.find("\n", at)
            return blank(at, len(text) if end < 0 else end)
        depth, i = 1, at + 2
        while i < len(text) and depth:
            if text.startswith("/*", i) and swift:
                depth, i = depth + 1, i + 2
            elif text.startswith("*/", i):
                depth, i = depth - 1, i + 2
            else:
                i += 1
        return blank(at, i)

    def string(at, hashes, quote):
        end, escape, i = quote + "#" * hashes, "\\" + "#" * hashes, at
        while i < len(text) and not text.startswith(end, i):
            if swift and text.startswith(escape + "(", i):
                blank(i, i + len(escape))
                i = code(i + len(escape) + 1, inside=True)
            elif text.startswith(escape, i):
                i = blank(i, i + len(escape) + 1)
            elif text[i] == "\n" and len(quote) == 1:
                return i  # an unfinished string ends with its line
            else:
                i = blank(i, i + 1)
        return i + len(end)

    def code(at, inside):
        depth, i = 0, at
        while i < len(text):
            if text.startswith(("//", "/*"), i):
                i = comment(i)
                continue
            opening = re.compile(r'(#*)("""|")' if swift else r'()("|\')').match(text, i)
            if opening:
                i = string(opening.end(), len(opening.group(1)), opening.group(2))
                continue
            depth += {"(": 1, ")": -1}.get(text[i], 0)
            i += 1
            if inside and depth < 0:
                return i
        return i

    code(0, inside=False)
    return "".join(out)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def closing(code, opening):
    """The offset of the brace that closes the one at `opening`."""
    depth = 0
    for i in range(opening, len(code)):
        depth += {"{": 1, "}": -1}.get(code[i], 0)
        if depth == 0:
            return i
    return len(code) - 1


def swift_body(code, at):
    """The offset of the body's brace of the declaration whose signature goes on at `at`, or None when it has no body."""
    depth = 0
    for i in range(at, len(code)):
        character = code[i]
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
            if depth < 0:
                return None
        elif depth == 0 and character == "{":
            return i
        elif depth == 0 and (character == "}" or re.compile(r"(?<![=!<>])=(?!=)").match(code, i)):
            return None
        elif depth == 0 and character == "\n":
            goes_on = re.compile(r"\s*(\{|->|where\b|throws\b|async\b|rethrows\b)").match(code, i)
            if not goes_on and not code[at:i].rstrip().endswith(("->", ",", "where", ":", "&", "==")):
                return None
    return None


def swift_functions(code):
    """(first line, last line, name) of every function, initialiser and computed property with a body."""
    heads = [r"(?<![\w.`])func\s+([^\s(<]+)", r"(?<![\w.`#])(init|deinit|subscript)\b(?=\s*[?<({])", r"(?<![\w.`])var\s+(\w+)\s*:"]
    for head in (found for pattern in heads for found in re.finditer(pattern, code)):
        body = swift_body(code, head.end())
        if body is not None:
            yield line_of(code, head.start()), line_of(code, closing(code, body)), head.group(1)


def c_functions(code):
    """The same for C: a brace at file level after a parenthesis. Preprocessor lines count as space."""
    code = re.sub(r"(?m)^[ \t]*#(?:.*\\\n)*.*", lambda m: re.sub(r"[^\n]", " ", m.group()), code)
    at, begin = 0, 0
    while at < len(code):
        if code[at] in ";}":
            begin = at + 1
        elif code[at] == "{":
            head, end = code[begin:at], closing(code, at)
            name = re.search(r"(\w+)\s*\(", head)
            if name and "=" not in head:
                start = begin + len(head) - len(head.lstrip())
                yield line_of(code, start), line_of(code, end), name.group(1)
            at = begin = end + 1
            continue
        at += 1


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno, node.name


def shell_functions(text):
    for head in re.finditer(r"(?m)^(\w+)\(\) *\{$", text):
        end = text.find("\n}", head.end())
        yield line_of(text, head.start()), line_of(text, end + 1), head.group(1)


def forced(code):
    """(line, what) of every forced unwrap, `try!` and `as!` in Swift code without comments and strings."""
    for mark in re.finditer(r"([\w)\]}>\"?])!(?!=)", code):
        word = re.search(r"\w*$", code[: mark.start() + 1]).group()
        yield line_of(code, mark.start()), f"{word}!" if word in ("try", "as") else "forced unwrap"


def imports(code):
    """(line, module) of every import."""
    pattern = r"(?m)^[ \t]*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+"
    for found in re.finditer(pattern + r"(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)", code):
        yield line_of(code, found.start(1)), found.group(1)
