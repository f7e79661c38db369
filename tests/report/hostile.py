"""Texts that would break out of a report that does not escape them; every form is held to them."""

HOSTILE = (
    "</bdi></script><img src=x onerror=alert(1)>",
    "<b>bold</b> <!-- a comment --> &lt;b&gt; &amp;",
    "\"double\" 'single' `tick` ``two``",
    "]]> <![CDATA[ x ]]>",
    "a | b || c \\| d \\",
    "line one\nline two\r\n::error file=a.py,line=1::taken over\n##[error]old form",
    "::stop-commands::token",
    "%0A%25%3A: , :: %",
    "[a link](https://evil.example/x) ![an image](https://evil.example/y.png)",
    "https://evil.example www.evil.example mailto:a@evil.example jane@evil.example",
    "@everyone #1 owner/name#2 :tada: $x^2$ ~~gone~~ **loud** _quiet_",
    "# heading\n- item\n1. item\n> quote\n```\nfence",
    "{0} {{1}} ${title} $style {% x %}",
    "\x1b[2J\x1b[31mred\x07\x9b31m\x00\x01\x0b\x7f",
    "\u202eright to left\u2066\u2069\u200b\ufeff",
    "\u2028line\u2029paragraph\x85next",
    "\ud800 half of a pair \ufffe\uffff",
    "x" * 400,
    "漢字" * 120,
    "   spaces   around   ",
    "e\u0301" + "\u0300" * 40,
)
"""Line breaks, markup of every format, commands, hidden characters, and very long words."""
