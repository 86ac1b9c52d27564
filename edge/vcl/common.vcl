# Written by `vitrine vcl --mode %%{mode}` from the settings; change those, not this file.
# Varnish 7.1 with varnish-modules (xkey). It holds secrets: readable by Varnish alone.
%%{how_to_log}vcl 4.1;
import std;
import xkey;

backend %%{process} {
    .host = "%%{backend_host}";
    .port = "%%{backend_port}";
    .connect_timeout = 2s;
    .first_byte_timeout = 40s;
    .between_bytes_timeout = 10s;
}

acl purgers {
%%{purgers}
}
%%{hop_acls}
# Believes the country of a trusted hop only, and knows the hop in front by its name. What was
# believed is said in a header of ours in any case, for the log: that has what a viewer sent, too.
sub recognise_hop {
    unset req.http.X-Vitrine-Hop;
    unset req.http.X-Vitrine-Tier;
    unset req.http.X-Vitrine-Country;
    # two words on the country are one that no country has, as at the gateway
%%{collect_countries}
    %%{recognise}
    unset req.http.X-Vitrine-Hop-Secret;
%%{forget_countries}
    if (req.http.X-Vitrine-Country) {
        set req.http.%%{country_header} = req.http.X-Vitrine-Country;
    } else {
        set req.http.X-Vitrine-Country = "XX";
    }
}

sub vcl_recv {
    if (req.method == "PURGE") {
        if (client.ip !~ purgers || req.http.X-Purge-Secret != "%%{purge_secret}") {
            return (synth(403, "Forbidden"));
        }
        if (!req.http.xkey) {
            # a purge by URL would answer 200 and miss: keys hold more than the URL
            return (synth(400, "xkey required"));
        }
        return (synth(200, "Purged " + xkey.purge(req.http.xkey)));
    }
    # It goes out with the first question alone, while its length goes out with each: the backend
    # would take the head of the next request, which is somebody else's, for the body of the last.
    if (req.restarts == 0 && (req.method == "GET" || req.method == "HEAD")
            && (req.http.Content-Length ~ "[^0]" || req.http.Transfer-Encoding)) {
        return (synth(400, "No body"));
    }
}

sub vcl_backend_fetch {
    set bereq.http.X-Vitrine-Hop-Secret = "%%{hop_secret}";
    unset bereq.http.X-Vitrine-Country;
}

# RFC 9213, which Varnish does not read by itself. Nothing is ever served stale.
sub read_lifetime {
    set beresp.grace = 0s;
    set beresp.keep = 0s;
    set beresp.ttl = 0s;
    if (beresp.http.CDN-Cache-Control ~ "(?i)(^|,)\s*max-age=[0-9]+"
            && beresp.http.CDN-Cache-Control !~ "(?i)no-store|private") {
        set beresp.ttl = std.duration(
            regsub(beresp.http.CDN-Cache-Control, "(?i)^.*max-age=([0-9]+).*$", "\1s"), 0s);
        if (beresp.http.Age ~ "^[0-9]+$") {
            set beresp.ttl = beresp.ttl - std.duration(beresp.http.Age + "s", 0s);
        }
    }
    call keep_what_can_be_purged;
}

# And what is one client's own is nobody else's.
sub keep_what_can_be_purged {
    if (beresp.http.xkey !~ "[a-z]" || beresp.http.Set-Cookie) {
        set beresp.ttl = 0s;
    }
}

# Hit-for-miss: without it those who wait for an answer that may not be stored go one by one.
sub do_not_store {
    set beresp.uncacheable = true;
    set beresp.ttl = 1s;
}

sub vcl_backend_error {
    call do_not_store;
    set beresp.grace = 0s;
    set beresp.keep = 0s;
    set beresp.status = 503;
    set beresp.http.Cache-Control = "no-store";
    set beresp.http.Retry-After = "1";
    set beresp.http.X-Content-Type-Options = "nosniff";
    set beresp.http.Content-Type = "application/problem+json";
    set beresp.body = """{"title":"Try again","status":503,"code":"UNAVAILABLE"}""";
    return (deliver);
}

# The same words as the gateway's.
sub vcl_synth {
    set resp.http.Cache-Control = "no-store";
    set resp.http.X-Content-Type-Options = "nosniff";
    set resp.http.Content-Type = "application/problem+json";
    unset resp.http.Via;
    unset resp.http.X-Varnish;
    if (resp.status == 405) {
        set resp.http.Allow = "GET, HEAD";
        set resp.http.X-Code = "METHOD";
    } elseif (resp.status == 404) {
        set resp.http.X-Code = "NOT_FOUND";
    } elseif (resp.status == 503) {
        set resp.http.Retry-After = "1";
        set resp.http.X-Code = "UNAVAILABLE";
    } elseif (resp.status == 200) {
        set resp.http.X-Code = "PURGED";
    } else {
        set resp.http.X-Code = "REFUSED";
    }
    set resp.body = {"{"title":""} + resp.reason + {"","status":"} + resp.status
        + {","code":""} + resp.http.X-Code + """"}""";
    unset resp.http.X-Code;
    return (deliver);
}

sub say_what_we_did {
    if (obj.hits > 0) {
        set resp.http.X-Did = "vitrine-edge; hit; ttl=" + regsub(obj.ttl, "\..*$", "");
    } elseif (obj.uncacheable) {
        set resp.http.X-Did = "vitrine-edge; fwd=bypass";
    } else {
        set resp.http.X-Did = "vitrine-edge; fwd=miss; stored";
    }
    if (resp.http.Cache-Status) {
        set resp.http.Cache-Status = resp.http.Cache-Status + ", " + resp.http.X-Did;
    } else {
        set resp.http.Cache-Status = resp.http.X-Did;
    }
    unset resp.http.X-Did;
    unset resp.http.Via;
    unset resp.http.X-Varnish;
    set resp.http.Accept-Ranges = "none";
}

sub hide_tags {
    unset resp.http.xkey;
    unset resp.http.Surrogate-Key;
    unset resp.http.Cache-Tag;
}
