"""What a parameter of a name usually takes: a kind of pool, or expressions between bars."""

from typing import Tuple

HINTS: Tuple[Tuple[str, str], ...] = (
    (
        (
            r"^(is|has|use|with|should|allow|enable|include|ignore|no|skip|force|strict|verbose|quiet"
            r"|reverse|recursive|raise)_|^(strict|verbose|quiet|reverse|recursive|override|interpolate"
            r"|full|debug|flag|inplace|sort|sorted|safe|ordered|unique)$"
        ),
        "bool",
    ),
    (r"(^|_)(ip|ip_address|host|hostname)$", "'8.8.8.8'|'127.0.0.1'|'example.com'|'2001:db8::1'|'10.0.0.1/24'"),
    (
        r"(^|_)(url|uri|href|link|endpoint|base_url)$",
        "'https://example.com/path?x=1#top'|'http://localhost:8000'|'not a url'|'ftp://user:pw@example.com/'",
    ),
    (r"(^|_)(email|mail)", "'user@example.com'|'not an email'|'a.b+c@sub.example.org'"),
    (r"(^|_)(path|file|filename|filepath|file_name|dir|directory|folder)(_?name|_?path)?$", "path"),
    (r"(^|_)(date|day_of|birthday)$", "date"),
    (r"(^|_)(datetime|timestamp|now|when|dt)$", "datetime"),
    (r"(^|_)(timedelta|delta|duration)$", "timedelta"),
    (r"(^|_)(year)s?$", "2024|2000|1|1900"),
    (r"(^|_)(month)s?$", "1|12|13|2"),
    (r"(^|_)(day)s?$", "1|31|0|7|400"),
    (r"(^|_)(hour|minute|second)s?$", "1|0|59|60|3600"),
    (r"(^|_)(regex|pattern|regexp)$", "'[a-z]+'|r'(\\d+)-(\\w*)'|'^a.*b$'|''"),
    (r"(^|_)(line_?sep|line_?separator|line_?end|line_?ending|line_?terminator|newline|eol)$", "'\\n'|'\\r\\n'|'\\r'"),
    (r"(^|_)(sep|separator|delimiter|delim|joiner|glue)$", "','|', '|'-'|''"),
    (r"(^|_)(encoding|charset)$", "'utf-8'|'ascii'|'latin-1'"),
    (r"(^|_)(indent|indentation)$", "4|'    '|2|'\\t'|0"),
    (r"(^|_)(width|line_length|max_width|columns)$", "80|20|10|1|0"),
    (r"(^|_)(prefix)$", "'> '|'abc'|'pre-'|'/'|''"),
    (r"(^|_)(suffix|ext|extension)$", "'.txt'|'abc'|'-end'|'.tar.gz'|''"),
    (r"(^|_)(quote|quotechar|quote_char)$", "'\"'|\"'\""),
    (r"(^|_)(fmt|format|template|format_string)$", "'%Y-%m-%d'|'{}'|'{name}'|'%s'|'%.2f'|'abc'"),
    (r"(^|_)(locale|lang|language|country|country_code)$", "'en'|'US'|'de_DE'"),
    (r"^(json|json_str|json_string|json_text)$", "'{\"a\": 1}'|'[1, 2]'|'null'|'{'|'\"x\"'"),
    (
        (
            r"(^|_)(func|function|fn|callback|callable|predicate|pred|handler|hook|binop|op|operator"
            r"|factory|getter|setter|mapper|reducer|converter|on_\w+|wrapped|decorated|keyfunc|key_func"
            r"|transform|getvalue)$|^f$"
        ),
        "callable",
    ),
    (r"(^|_)(exc|exception|error|err)$", "exception"),
    (r"(^|_)(exceptions|errors|exc_types?|exception_types?)$", "exception type"),
    (r"^(cls|klass|type_|typ|class_|kind_type)$|_(type|class|cls)$", "type"),
    (r"(^|_)(lock|mutex)$", "lock"),
    (r"^key$", "'name'|lambda x: x|len|lambda x: -x|0|lambda x: x % 2"),
    (
        r"^(lists|seqs|sequences|iterables|groups|matrix|grid|table)$",
        "[[1, 2], [3, 4]]|[[1, 2, 3], ['a', 'b']]|[]|[[1]]|[[], [1]]|[(1, 2), 'ab']|iter([[1], [2]])",
    ),
    (r"(^|_)(stream|fp|fobj|fileobj|file_obj|buffer|out|output_file|stdout|stdin)$", "text file"),
    (
        (
            r"(^|_)(data|mapping|dict|dictionary|kwargs|options|opts|config|params|headers|attrs"
            r"|properties|context|env|environ|kw|d|settings|metadata|extra|factory_map)$"
        ),
        "dict",
    ),
    (
        (
            r"(^|_)(seq|seqs|sequence|sequences|iterable|iterables|items|list|lst|xs|ys|values|elements"
            r"|collection|entries|rows|columns|words|tokens|parts|args|names|keys|lines|it|leftseq"
            r"|rightseq|array|arr|data_list|numbers|children|nodes|tags|fields|others|objs|objects)$"
        ),
        "iterable",
    ),
    (
        (
            r"(^|_)(n|k|i|j|num|number|count|size|length|len|width|height|limit|max|min|maximum|minimum"
            r"|index|idx|pos|position|offset|depth|level|indent|times|step|start|stop|end|digits"
            r"|precision|places|port|age|total|capacity|maxsize|max_size|min_size|max_len|line_length"
            r"|line|column|lineno|status|code|weight|retries|attempts|ttl|hz|base|ndigits)$|^(max|min"
            r"|num|n)_|_(count|size|len|length|width|num|index|limit)$"
        ),
        "int",
    ),
    (
        (
            r"(^|_)(timeout|delay|interval|ratio|rate|factor|scale|threshold|x|y|lat|lon|latitude"
            r"|longitude|price|amount|seconds|fraction|probability|sigma)$"
        ),
        "number",
    ),
    (
        (
            r"(^|_)(text|string|str|s|name|label|title|key|word|msg|message|content|input|input_string"
            r"|source|src|prefix|suffix|line|token|value_str|char|c|description|body|html|xml|markdown"
            r"|sentence|username|user|password|tag|attr|attribute|field|version|phrase|comment|query"
            r"|command|cmd|identifier|slug|substring|needle|haystack|suffixes|color)$"
        ),
        "str",
    ),
)
