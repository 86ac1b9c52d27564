
# In front of the gateway.

# What staff are told about a rendition, in place of it: of a named format, by no other header.
sub see_wish_for_info {
    if (req.http.Accept ~ "(?i)(^|,)\s*application/json\s*(;|,|$)"
            && req.http.Accept !~ "(?i)(^|,)\s*application/json\s*(;[^,]*)?;\s*q=0(\.0*)?\s*(;|,|$)") {
        set req.http.X-Vitrine-Info = "1";
    }
}

# `.auto` has three bodies at most, whatever browsers write into Accept. A type with q=0 is refused.
sub normalise_accept {
    unset req.http.X-Vitrine-Info;
    if (req.url !~ "^[^?]*\.auto(\?|$)") {
        call see_wish_for_info;
        unset req.http.Accept;
    } elseif (req.http.Accept ~ "(?i)(^|,)\s*image/avif\s*(;|,|$)"
            && req.http.Accept !~ "(?i)(^|,)\s*image/avif\s*(;[^,]*)?;\s*q=0(\.0*)?\s*(;|,|$)") {
        set req.http.Accept = "image/avif";
    } elseif (req.http.Accept ~ "(?i)(^|,)\s*image/webp\s*(;|,|$)"
            && req.http.Accept !~ "(?i)(^|,)\s*image/webp\s*(;[^,]*)?;\s*q=0(\.0*)?\s*(;|,|$)") {
        set req.http.Accept = "image/webp";
    } else {
        set req.http.Accept = "*/*";
    }
}

sub vcl_recv {
    if (req.restarts == 0) {
        if (req.method != "GET" && req.method != "HEAD") {
            return (synth(405, "Only GET and HEAD"));
        }
        if (req.url ~ "#" || req.url !~ "^(/[^/?]+){4}" && req.url !~ "^[^?]{1025}") {
            return (synth(404, "Not found"));  # no picture: above all the gateway's own metrics
        }
        std.collect(req.http.Accept);  # lines of one name are one list (RFC 9110, 5.3)
        std.collect(req.http.If-None-Match);
        std.collect(req.http.If-Match);
        call recognise_hop;
        call forget_claims;
        if (!req.http.X-Vitrine-Given) {
            unset req.http.X-Vitrine-Front;
            if (req.http.X-Vitrine-Hop) {
                set req.http.X-Vitrine-Front = req.http.X-Vitrine-Hop;
            }
        }
        unset req.http.X-Vitrine-Hop;
        unset req.http.X-Browser-Cache-Control;
        unset req.http.X-Edge-Cache-Control;
        unset req.http.X-Vitrine-Asked;
        unset req.http.X-Vitrine-Good-For;
        unset req.http.X-Vitrine-Old;
        unset req.http.X-Purge-Secret;
        unset req.http.Cookie;
        unset req.http.Authorization;
        unset req.http.Range;  # answers say `Accept-Ranges: none`
        set req.url = std.querysort(req.url);
        call normalise_accept;
    }
}

sub vcl_backend_fetch {
    unset bereq.http.X-Browser-Cache-Control;
    unset bereq.http.X-Edge-Cache-Control;
    unset bereq.http.X-Vitrine-Asked;
    unset bereq.http.X-Vitrine-Good-For;
    unset bereq.http.X-Vitrine-Old;
    unset bereq.http.X-Vitrine-Tier;
    unset bereq.http.X-Vitrine-Info;
}
