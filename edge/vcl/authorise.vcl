
# Mode `authorise`. Leg 1 asks the gateway whether this client may have this picture now; leg 2
# looks up bytes that are the same for all who may, under a key without the token. Each restarts the
# request, and what was seen or forgotten of it when it came is so ever after.
#
# Leave that the gateway tagged is kept for as long as the gateway said that it is proven, counted
# from the question that brought it, whoever delivers by it later; whatever waits looks at its age
# again before the first byte.

# Which leg it is, the epoch and the rest are ours to say, or those of a tier of ours in front.
sub forget_claims {
    unset req.http.X-Vitrine-Given;
    if (req.http.X-Vitrine-Tier && req.http.X-Vitrine-Leg) {
        set req.http.X-Vitrine-Given = "1";
    } else {
        unset req.http.X-Vitrine-Leg;
        unset req.http.X-Epoch;
        unset req.http.X-Vitrine-Private;
    }
}

sub vcl_recv {
    set req.hash_always_miss = false;  # it would last beyond a restart
    if (!req.http.X-Vitrine-Given && req.http.X-Vitrine-Leg != "deliver") {
        if (req.http.X-Vitrine-Leg == "again") {
            # Varnish looks up by when the request came, and would find what is over by now
            set req.hash_always_miss = true;
        }
        set req.http.X-Vitrine-Leg = "authorise";
    }
    if (req.http.X-Vitrine-Leg == "authorise") {
        # One tier keeps leave: the one in front counts from its own question, and would take what
        # has been kept here for as fresh.
        if (req.http.X-Vitrine-Given || %%{asks_each_time}) {
            return (pass);
        }
        return (hash);
    }
    if (req.http.X-Vitrine-Private && req.http.X-Vitrine-Info) {
        set req.http.Accept = "application/json";  # leg 1 said that it is staff
    }
    # Varnish does not evaluate If-Match: whoever made the picture does
    if (req.http.X-Vitrine-Private || req.http.If-Match) {
        return (pass);
    }
    if (req.http.X-Vitrine-Leg == "deliver" && req.http.X-Epoch) {
        return (hash);
    }
    return (synth(503, "Try again"));
}

# Leave: by all that it depends on. The word keeps it apart from bytes, whose key begins with `/`.
# Bytes by the epoch: what was rendered before a revocation, and stored after its purge, is never
# found.
sub vcl_hash {
    if (req.http.X-Vitrine-Leg == "authorise") {
        hash_data("leave");
        hash_data(req.http.%%{country_header});
        hash_data(req.http.X-Vitrine-Front);
        hash_data(req.url);
        return (lookup);
    }
    hash_data(regsub(req.url, "\?.*$", ""));
    hash_data(req.http.X-Epoch);
    hash_data(req.http.Accept);
    return (lookup);
}

sub vcl_backend_fetch {
    if (bereq.http.X-Vitrine-Leg == "authorise") {
        unset bereq.http.If-Match;
        unset bereq.http.If-None-Match;
        unset bereq.http.If-Modified-Since;
        # nothing is decided by these, and the gateway would have to read each
        unset bereq.http.X-Forwarded-For;
        unset bereq.http.X-Varnish;
        unset bereq.http.Via;
        unset bereq.http.User-Agent;
        unset bereq.http.Referer;
        unset bereq.http.Accept-Encoding;
        unset bereq.http.Accept-Language;
        set bereq.first_byte_timeout = 5s;
        # in whole milliseconds, and never later than it was: rounded up, it would lend time
        set bereq.http.X-Vitrine-Asked = std.real(time = now - 1ms);
    }
    unset bereq.http.X-Vitrine-Given;
    return (fetch);
}

# An answer that is no leave names no epoch from here on, which is all that others look at. Leave is
# over when what it rests on is no longer proven: the way to here has taken of that.
sub read_leave {
    set beresp.ttl = 0s;  # of a 307 too: its lifetime is for caches that are told of a change
    set beresp.http.X-Vitrine-Asked = bereq.http.X-Vitrine-Asked;
    if (beresp.status != 204 || beresp.http.X-Canonical != "1" || !beresp.http.X-Good-For
            || !beresp.http.X-Browser-Cache-Control) {
        unset beresp.http.X-Epoch;
    }
    if (beresp.http.X-Epoch && beresp.http.X-Browser-Cache-Control !~ "no-store") {
        set beresp.ttl = std.duration(beresp.http.X-Good-For + "s", 0s) - std.duration(
            real = std.real(time = now) - std.real(bereq.http.X-Vitrine-Asked, 0.0));
        call keep_what_can_be_purged;
    }
}

sub vcl_backend_response {
    call read_lifetime;
    if (bereq.http.X-Vitrine-Leg == "authorise") {
        call read_leave;
    } elseif (beresp.status != 200) {
        set beresp.ttl = 0s;  # the Location of a 307 holds this client's token
    }
    if (beresp.ttl <= 0s) {
        call do_not_store;
    }
    return (deliver);
}

# A decision is relied upon for as long as the gateway said. Before its own question it cannot be:
# then the clock was put back, and tells nothing.
sub see_age {
    unset req.http.X-Vitrine-Old;
    if (std.real(time = now) < std.real(req.http.X-Vitrine-Asked, 0.0)
            || std.real(time = now) - std.real(req.http.X-Vitrine-Asked, 0.0)
                > std.real(req.http.X-Vitrine-Good-For, 0.0)) {
        set req.http.X-Vitrine-Old = "1";
    }
}

# By leave that is kept bytes are looked for at once: no answer is made of it, which would be thrown
# away. Who waited for leave finds it by when the request came, though it may be over by now.
sub vcl_hit {
    if (req.http.X-Vitrine-Leg == "authorise") {
        set req.http.X-Vitrine-Asked = obj.http.X-Vitrine-Asked;
        set req.http.X-Vitrine-Good-For = obj.http.X-Good-For;
        call see_age;
        if (req.http.X-Vitrine-Old) {
            return (pass);
        }
        set req.http.X-Epoch = obj.http.X-Epoch;
        set req.http.X-Browser-Cache-Control = obj.http.X-Browser-Cache-Control;
        set req.http.X-Edge-Cache-Control = obj.http.X-Edge-Cache-Control;
        set req.http.X-Vitrine-Leg = "deliver";
        return (restart);
    }
}

# The gateway's answer to leg 1.
sub follow_decision {
    set req.http.X-Edge-Cache-Control = resp.http.X-Edge-Cache-Control;
    if (resp.http.X-Epoch) {
        set req.http.X-Epoch = resp.http.X-Epoch;
        set req.http.X-Vitrine-Asked = resp.http.X-Vitrine-Asked;
        set req.http.X-Vitrine-Good-For = resp.http.X-Good-For;
        set req.http.X-Browser-Cache-Control = resp.http.X-Browser-Cache-Control;
        if (resp.http.X-Browser-Cache-Control ~ "no-store") {
            set req.http.X-Vitrine-Private = "1";  # staff: what they see is not what is stored
        }
        set req.http.X-Vitrine-Leg = "deliver";
        return (restart);
    }
    if (resp.status < 300 || (resp.status >= 500 && resp.status != 503)) {
        return (synth(503, "Try again"));
    }
}

# Waited for a render, or came when the leave was nearly over.
sub ask_again_if_old {
    call see_age;
    if (req.http.X-Vitrine-Old) {
        if (req.restarts > 2) {
            return (synth(503, "Try again"));
        }
        set req.http.X-Vitrine-Leg = "again";
        return (restart);
    }
}

# What stands in for a better format, which is being made: ten seconds in any cache.
sub shorten_lifetimes {
    set resp.http.Cache-Control = regsuball(
        resp.http.Cache-Control, "(max-|s-max)age=[0-9]{2,}", "\1age=10");
    set req.http.X-Edge-Cache-Control = regsub(
        req.http.X-Edge-Cache-Control, "max-age=[0-9]{2,}", "max-age=10");
}

sub vcl_deliver {
    call say_what_we_did;
    if (req.http.X-Vitrine-Given) {
        return (deliver);  # the tier in front needs all of it, and the Age
    }
    if (req.http.X-Vitrine-Leg == "authorise") {
        call follow_decision;
    } elseif (resp.status == 200 && !obj.uncacheable) {
        call ask_again_if_old;
        set resp.http.Cache-Control = req.http.X-Browser-Cache-Control;
        unset resp.http.Age;  # that lifetime was computed now
        set resp.http.Date = now;
        if (resp.http.Cache-Status ~ "^Vitrine;[^,]*detail=stand-in") {
            call shorten_lifetimes;
        }
    } else {
        unset req.http.X-Edge-Cache-Control;  # not for what the gateway let nobody store
        if (req.http.X-Vitrine-Leg == "deliver") {
            # public to an edge that asks before each delivery: whoever is in front does not
            set resp.http.Cache-Control = regsub(resp.http.Cache-Control, "^public", "private");
        }
    }
    if (req.http.X-Vitrine-Front && req.http.X-Edge-Cache-Control ~ ".") {
        set resp.http.CDN-Cache-Control = req.http.X-Edge-Cache-Control;
    } else {
        unset resp.http.CDN-Cache-Control;
        call hide_tags;
        if (req.http.X-Vitrine-Front) {
            set resp.http.CDN-Cache-Control = "no-store";
        }
    }
    unset resp.http.X-Epoch;
    unset resp.http.X-Canonical;
    unset resp.http.X-Good-For;
    unset resp.http.X-Vitrine-Asked;
    unset resp.http.X-Browser-Cache-Control;
    unset resp.http.X-Edge-Cache-Control;
    return (deliver);
}
