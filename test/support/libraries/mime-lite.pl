# Makes the mails of `mails.ts` with MIME::Lite: `mime-lite.pl FOLDER`, the meaning on standard input. It encodes
# no field, and most give it octets of UTF-8.
use strict;
use warnings;
use JSON::PP;
use MIME::Base64;
use MIME::Lite;

my ($folder) = @ARGV;
local $/;
my $meaning = decode_json(<STDIN>);
utf8::encode($meaning->{$_}) for keys %$meaning;

sub keep {
    my ($kind, $mail) = @_;
    open my $file, '>:raw', "$folder/$kind" or die $!;
    print $file $mail->as_string;
    close $file;
}

my %header = (
    From    => qq("$meaning->{name}" <$meaning->{address}>),
    To      => qq("$meaning->{recipient}" <b\@example.net>),
    Subject => $meaning->{subject},
);
keep(text => MIME::Lite->new(%header, Type => 'text/plain; charset=utf-8', Data => $meaning->{text}));
keep(
    html => MIME::Lite->new(
        %header,
        Type     => 'text/html; charset=utf-8',
        Encoding => 'binary',
        Data     => $meaning->{html}
    )
);
my $mixed = MIME::Lite->new(%header, Type => 'multipart/mixed');
my $both = $mixed->attach(Type => 'multipart/alternative');
$both->attach(Type => 'text/plain; charset=utf-8', Data => $meaning->{text});
$both->attach(Type => 'text/html; charset=utf-8', Encoding => 'binary', Data => $meaning->{html});
$mixed->attach(
    Type        => 'application/octet-stream',
    Encoding    => 'base64',
    Data        => decode_base64($meaning->{attachment}),
    Filename    => $meaning->{filename},
    Disposition => 'attachment'
);
keep(mixed => $mixed);
keep(empty => MIME::Lite->new(%header, Data => ''));
