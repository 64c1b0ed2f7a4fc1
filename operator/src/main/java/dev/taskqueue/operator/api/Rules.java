package dev.taskqueue.operator.api;

/**
 * The longer rules of the CRDs, in CEL, and the sentences that say what to change. The API server runs them on each write. It refuses a CRD whose
 * rules might take too long, and estimates that from the bounds of the fields. So a longer rule may need a lower bound of a field.
 */
final class Rules {
    static final String IMMUTABLE_MESSAGE =
            "the spec of a Task never changes; to send it now set a new value of the annotation taskqueue.dev/run-now, to start a Failed one "
                    + "again set taskqueue.dev/redrive, for another request create a Task with another name";

    private static final String LEAP_YEAR = "([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)";

    /** The days that the calendar has. */
    private static final String DAY = "([0-9]{4}-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)"
            + "|(0[13578]|1[02])-31)|" + LEAP_YEAR + "-02-29)";

    private static final String TIME_FORM = "'^" + DAY + "T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?"
            + "(Z|[+-]((0[0-9]|1[0-7]):[0-5][0-9]|18:00))$'";

    /** What is before the year 1 or after the year 9999 in UTC. */
    private static final String OUT_OF_YEARS =
            "'^(0000|0001-01-01T.*[+](0[1-9]|1|00:0[1-9]|00:[1-5])|9999-12-31T.*-[0-9][0-9]:[0-9][0-9]$)'";

    /** A time that CEL, Java and the API server all read, and read alike. */
    static final String TIME = "self.matches(" + TIME_FORM + ") && !self.matches(" + OUT_OF_YEARS + ")";

    static final String TIME_MESSAGE =
            "write a time of the calendar with its zone, such as 2026-11-21T09:00:00Z or 2026-11-21T10:00:00+01:00: capital T and Z, an offset of "
                    + "at most 18:00, after the seconds at most a point and 9 digits, years 0001 to 9999";

    static final String EXPIRES_IN_ORDER = "!has(self.scheduleTime) || !has(self.expireTime)"
            + " || [self.scheduleTime, self.expireTime].exists(t, !t.matches(" + TIME_FORM + ") || t.matches("
            + OUT_OF_YEARS + ")) || timestamp(self.expireTime) >= timestamp(self.scheduleTime)";

    static final String EXPIRES_IN_ORDER_MESSAGE =
            "expireTime is before scheduleTime, so the Task would never be sent; set a later expireTime or an earlier scheduleTime";

    private static final String DURATION_FORM = "'^([0-9]{1,5}(h|m|s|ms)){1,4}$'";

    static final String DURATION = "self.matches(" + DURATION_FORM + ")";

    static final String DURATION_MESSAGE =
            "write a duration as whole numbers with the units h, m, s and ms, such as 10s, 1h30m, or 48h for two days: no days, fractions, signs "
                    + "or spaces, at most 5 digits a number and 4 numbers";

    /** What is no duration is refused by {@link #DURATION}; the rules below have nothing to add. */
    private static final String NO_DURATION = "!" + DURATION + " || ";

    static final String LONGER_THAN_0 = NO_DURATION + "duration(self) > duration('0s')";

    static final String AT_LEAST_A_SECOND = NO_DURATION + "duration(self) >= duration('1s')";

    static final String AT_MOST_A_DAY = NO_DURATION + "duration(self) <= duration('24h')";

    static final String AT_MOST_30_DAYS = NO_DURATION + "duration(self) <= duration('720h')";

    static final String AT_MOST_A_YEAR = NO_DURATION + "duration(self) <= duration('8760h')";

    static final String BACKOFFS =
            "[has(self.minBackoff) ? self.minBackoff : '100ms', has(self.maxBackoff) ? self.maxBackoff : '1h']"
                    + ".exists(d, !d.matches(" + DURATION_FORM + "))"
                    + " || duration(has(self.maxBackoff) ? self.maxBackoff : '1h')"
                    + " >= duration(has(self.minBackoff) ? self.minBackoff : '100ms')";

    static final String RATE = "type(self) == int ? self >= 1 && self <= 10000 : isQuantity(self)"
            + " && !quantity(self).isLessThan(quantity('0.001')) && !quantity(self).isGreaterThan(quantity('10000'))";

    static final String PORT =
            "type(self) == int ? self >= 1 && self <= 65535 : self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')";

    static final String PATH = "self.matches('^/[!-\"$-~]*$')";

    static final String PATH_MESSAGE =
            "path begins with \"/\" and has neither spaces nor \"#\"; percent-encode them and all that is not ASCII";

    private static final String NAME = ".matches(\"^[-!#$%&'*+.^_`|~0-9A-Za-z]{1,128}$\")";

    private static final String TAKEN =
            ".matches('(?i)^((host|content-length|transfer-encoding|connection|te|trailer|upgrade|expect)$"
                    + "|proxy-|x-cloudtasks-|x-appengine-|x-google-|taskqueue-)')";

    static final String HEADER_NAME = "self" + NAME;

    static final String HEADERS_NAMES = "self.all(name, name" + NAME + ")";

    static final String HEADER_NAME_MESSAGE =
            "a header's name has 1 to 128 letters, digits and the characters !#$%&'*+-.^_`|~; correct the name";

    static final String HEADER_FREE = "!self" + TAKEN;

    static final String HEADERS_FREE = "!self.exists(name, name" + TAKEN + ")";

    static final String HEADER_FREE_MESSAGE =
            "the operator sets this header itself; remove Host, Content-Length, Transfer-Encoding, Connection, TE, Trailer, Upgrade, Expect "
                    + "and names that begin with Proxy-, X-CloudTasks-, X-AppEngine-, X-Google- or TaskQueue-";

    static final String HEADERS_VALUES = "self.all(name, self[name].matches('^[\\t -~]*$'))";

    static final String HEADERS_VALUES_MESSAGE =
            "a header's value has printable ASCII characters, spaces and tabs only; remove line breaks and encode the rest";

    static final String HEADERS_SIZE = "self.map(name, size(name) + size(self[name])).sum() < 81920";

    static final String HEADERS_TWICE = "self.all(a, self.exists_one(b, a.lowerAscii() == b.lowerAscii()))";

    static final String HEADERS_TWICE_MESSAGE =
            "two names in headers differ in capitals only and mean the same header; remove one";

    static final String SECRET_HEADERS_TWICE =
            "self.all(a, self.exists_one(b, a.name.lowerAscii() == b.name.lowerAscii()))";

    static final String HEADER_CLASH = "!has(self.headers) || !has(self.secretHeaders)"
            + " || !self.secretHeaders.exists(s, self.headers.exists(h, h.lowerAscii() == s.name.lowerAscii()))";

    static final String AUTHORIZATION = "!has(self.serviceAccountToken)"
            + " || !(has(self.headers) && self.headers.exists(h, h.lowerAscii() == 'authorization'))"
            + " && !(has(self.secretHeaders) && self.secretHeaders.exists(s, s.name.lowerAscii() == 'authorization'))";

    /** CEL knows no type of a field that holds any JSON value, so it must not look at the type of the object. */
    private static final String HAS_JSON = "has(dyn(self).json)";

    static final String ONE_BODY =
            "[has(self.body), has(self.bodyBase64), " + HAS_JSON + ", has(self.bodyFrom)].filter(set, set).size() <= 1";

    /** Only what the Task itself says: the queue may turn the method into another one, and then leaves the body away. */
    static final String BODY_METHOD = "!has(self.method) || self.method in ['POST', 'PUT', 'PATCH']"
            + " || !(has(self.body) || has(self.bodyBase64) || " + HAS_JSON + " || has(self.bodyFrom))";

    /** The rules about bodies belong to the request: the API server prints the value of a string whose own rule refuses it. */
    static final String BODY_SIZE = "!has(self.body) || size(bytes(self.body)) <= 262144";

    static final String BASE64 = "!has(self.bodyBase64)"
            + " || size(self.bodyBase64) % 4 == 0 && self.bodyBase64.matches('^[A-Za-z0-9+/]*={0,2}$')";

    static final String BASE64_MESSAGE =
            "bodyBase64 is standard base64 with padding and without line breaks; encode it anew, such as by base64 -w0";

    static final String BASE64_SIZE = "!has(self.bodyBase64) || size(self.bodyBase64) / 4 * 3"
            + " - (self.bodyBase64.endsWith('==') ? 2 : self.bodyBase64.endsWith('=') ? 1 : 0) <= 262144";

    static final String BODY_SIZE_MESSAGE =
            "a body in the Task has at most 256 KiB; put a larger one, up to 1 MiB, into a Secret or ConfigMap and name that in bodyFrom";

    private Rules() {}
}
