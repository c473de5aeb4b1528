# Reads pairs of results of `lab verify --json`, here's and there's of each lab; prints a table, what differs, and what the
# times were; ends with status 1 where anything differs or fails otherwise than by its time.

def key: "\(.from) -> \(.to)" + (if .state == "steady" then "" else " [\(.state)]" end);
def pad($width): tostring | if length < $width then (" " * ($width - length)) + . else . end;
def left($width): tostring | if length < $width then . + (" " * ($width - length)) else . end;
def one: (. * 10 | round) / 10 | tostring | if contains(".") then . else . + ".0" end;

# Who answered, in order.
def path: (.hops | map(.address // "*") | join(" ")) + (if .reached then "" else " (not reached)" end);
# Of an equal-cost set either may answer, and another on the next run.
def same_hop($allowed): .[0] == .[1] or
    (($allowed | type) == "array" and all(.[]; . as $address | $allowed | any(.[]; . == $address)));
def same_path($here; $there):
    ($here.hops | length) == ($there.hops | length) and $here.reached == $there.reached and
    all(range($here.hops | length); . as $i |
        [$here.hops[$i].address, $there.hops[$i].address] | same_hop($here.expected.hops[$i]?));
def as_expected: (.expected.hops | length) == (.hops | length) and . as $result |
    all(range(.hops | length); . as $i | $result.hops[$i].address as $address | $result.expected.hops[$i] |
        if type == "array" then any(.[]; . == $address) else . == ($address // "*") end);
# The hops are as expected, and the fastest of a hop's probes was too slow.
def late: .verdict == "fail" and as_expected and (.why | test("the best of [0-9]+ took"));
def good: .verdict == "pass" or late;
# By how many milliseconds each hop exceeds its documented time.
def excess: [.results[] | select(.expected.hops?) | . as $result | range(.hops | length) |
    [($result.hops[.].rtt_ms | map(values) | min), $result.expected.rtt_ms[.]] | select(.[0] and .[1]) | .[0] - .[1]] | sort;
def middle: if length == 0 then 0 else .[length / 2 | floor] end;
def lost: [.storyboards[].outages[].lost] | add // 0;

def row($name; $results): [($name | left(30)), ($results.passed | pad(7)), ($results.failed | pad(7)),
    ($results.skipped | pad(8)), ([$results.results[] | select(late)] | length | pad(5)), ($results | lost | pad(6)),
    ($results.elapsed_ms / 1000 | one + " s" | pad(9)),
    ($results | excess | "\(middle | one) / \(last // 0 | one) ms" | pad(22))] | join("");

def differences($here; $there):
    ($here.results | map({key: key, value: .}) | from_entries) as $mine |
    ($there.results | map({key: key, value: .}) | from_entries) as $theirs |
    [($mine + $theirs | keys_unsorted[]) as $path | $mine[$path] as $a | $theirs[$path] as $b |
        if $a == null or $b == null then "\($path): only \(if $a then "here" else "there" end)"
        elif same_path($a; $b) and ($a | good) and ($b | good) then empty
        else "\($path)\n    here:  \($a.verdict)  \($a | path)  \($a.why)\n    there: \($b.verdict)  \($b | path)  \($b.why)" end];

[range(0; length; 2) as $i | {here: .[$i], there: .[$i + 1]} | . + {differences: differences(.here; .there)}] |
(["" | left(30)] + [("passed" | pad(7)), ("failed" | pad(7)), ("skipped" | pad(8)), ("late" | pad(5)), ("lost" | pad(6)),
    ("elapsed" | pad(9)), ("over time, mid / most" | pad(22))] | join("")),
(.[] | row(.there.lab + ", there"; .there), row(.there.lab + ", here"; .here)),
(map(.differences | length) | add) as $different |
([.[] | .here.results + .there.results | map(key) | unique | length] | add) as $all |
([.[].there.results[] | select(late)] | length) as $late |
(.[] | select(.differences != []) | "\n\(.there.lab), \(.differences | length) paths differ:", (.differences[] | "  " + .)),
"\n\($all - $different) of \($all) paths agree, \($different) differ; \($late) missed their time: the emulated processor's",
if $different > 0 or $all == 0 then "" | halt_error(1) else empty end
