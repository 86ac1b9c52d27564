
# Mode `plain`. An ordinary cache: the token stays in the key, Vary is honoured, and what is stored
# is handed out unasked until its lifetime ends or it is purged.

sub forget_claims {
    unset req.http.X-Vitrine-Given;
    unset req.http.X-Vitrine-Leg;
    unset req.http.X-Epoch;
    unset req.http.X-Vitrine-Private;
}

sub vcl_recv {
    if (req.http.If-Match) {
        return (pass);  # Varnish does not evaluate it: whoever made the picture does
    }
    return (hash);
}

sub vcl_hash {
    hash_data(req.url);
    return (lookup);
}

sub vcl_backend_fetch {
    return (fetch);
}

sub vcl_backend_response {
    call read_lifetime;
    if ((beresp.status != 200 && beresp.status != 307) || beresp.ttl <= 0s) {
        call do_not_store;
    }
    return (deliver);
}

sub vcl_deliver {
    call say_what_we_did;
    # Age stays, so the stored lifetime shrinks by itself, for browsers and for a hop in front.
    if (!req.http.X-Vitrine-Front) {
        unset resp.http.CDN-Cache-Control;
        call hide_tags;
    }
    return (deliver);
}
