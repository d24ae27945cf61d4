"""What Debian's supervisord reads in texts: a JSON array on standard input, an array of answers on standard output."""
import json
import shlex
import sys

from supervisor.datatypes import byte_size, boolean, dict_of_key_value_pairs, list_of_exitcodes, signal_number
from supervisor.options import UnhosedConfigParser, expand


def ini(text):
    parser = UnhosedConfigParser()
    parser.read_string(text)
    return {section: dict(parser._sections[section]) for section in parser.sections()}


READERS = {
    'ini': ini,
    'pairs': lambda text: list(dict_of_key_value_pairs(text).items()),
    'command': lambda text: shlex.split(text),
    'format': lambda text: expand(text, {'program_name': 'web', 'process_num': 7, 'ENV_A': 'x y'}, 'test'),
    'size': byte_size,
    'boolean': boolean,
    'codes': list_of_exitcodes,
    'signal': lambda text: int(signal_number(text)),
}


def answer(reader, text):
    try:
        return {'value': READERS[reader](text)}
    except Exception as error:
        return {'error': str(error) or type(error).__name__}


json.dump([answer(reader, text) for reader, text in json.load(sys.stdin)], sys.stdout)
