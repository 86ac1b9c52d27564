
# Mode `authorise`. Leg 1 asks the gateway whether this client may have this picture now; leg 2
# looks up bytes that are the same for all who may, under a key without the token.

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
    if (!req.http.X-Vitrine-Given && req.http.X-Vitrine-Leg != "deliver") {
        set req.http.X-Vitrine-Leg = "authorise";
        # in whole milliseconds, and never later than it was: rounded up, it would lend time
        set req.http.X-Vitrine-Asked = std.real(time = now - 1ms);
    }
    # Varnish does not evaluate If-Match: whoever made the picture does
    if (req.http.X-Vitrine-Leg == "authorise" || req.http.X-Vitrine-Private
            || req.http.If-Match) {
        return (pass);
    }
    if (req.http.X-Vitrine-Leg == "deliver" && req.http.X-Epoch) {
        return (hash);
    }
    return (synth(503, "Try again"));
}

# The epoch: what was rendered before a revocation, and stored after its purge, is never found.
sub vcl_hash {
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
        set bereq.first_byte_timeout = 5s;
    }
    unset bereq.http.X-Vitrine-Given;
    return (fetch);
}

sub vcl_backend_response {
    call read_lifetime;
    # only 200: the Location of a 307 holds this client's token
    if (beresp.status != 200 || beresp.ttl <= 0s) {
        call do_not_store;
    }
    return (deliver);
}

# The gateway's answer to leg 1.
sub follow_decision {
    unset req.http.X-Edge-Cache-Control;
    if (resp.http.X-Edge-Cache-Control) {
        set req.http.X-Edge-Cache-Control = resp.http.X-Edge-Cache-Control;
    }
    if (resp.status == 204 && resp.http.X-Epoch && resp.http.X-Canonical == "1"
            && resp.http.X-Browser-Cache-Control && resp.http.X-Good-For) {
        set req.http.X-Epoch = resp.http.X-Epoch;
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

# Waited for a render: a decision is relied upon for as long as the gateway said.
sub ask_again_if_old {
    if (std.real(time = now) - std.real(req.http.X-Vitrine-Asked, 0.0)
            > std.real(req.http.X-Vitrine-Good-For, 0.0)) {
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
    if (req.http.X-Edge-Cache-Control) {
        set req.http.X-Edge-Cache-Control = regsub(
            req.http.X-Edge-Cache-Control, "max-age=[0-9]{2,}", "max-age=10");
    }
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
        if (resp.http.Cache-Status ~ "^Vitrine;[^,]*detail=stand-in") {
            call shorten_lifetimes;
        }
    } else {
        unset req.http.X-Edge-Cache-Control;  # not for what the gateway let nobody store
    }
    if (req.http.X-Vitrine-Front && req.http.X-Edge-Cache-Control) {
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
    unset resp.http.X-Browser-Cache-Control;
    unset resp.http.X-Edge-Cache-Control;
    return (deliver);
}
