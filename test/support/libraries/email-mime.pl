# Makes the mails of `mails.ts` with Email::MIME: `email-mime.pl FOLDER`, the meaning on standard input.
use strict;
use warnings;
use Email::MIME;
use JSON::PP;
use MIME::Base64;

my ($folder) = @ARGV;
local $/;
my $meaning = decode_json(<STDIN>);

sub keep {
    my ($kind, @parts) = @_;
    open my $file, '>:raw', "$folder/$kind" or die $!;
    print $file Email::MIME->create(
        header_str => [
            From    => qq("$meaning->{name}" <$meaning->{address}>),
            To      => qq("$meaning->{recipient}" <b\@example.net>),
            Subject => $meaning->{subject},
        ],
        @parts
    )->as_string;
    close $file;
}

my %text = (content_type => 'text/plain', charset => 'UTF-8', encoding => 'quoted-printable');
my %html = (content_type => 'text/html', charset => 'UTF-8', encoding => '8bit');
keep('text', attributes => {%text}, body_str => $meaning->{text});
keep('html', attributes => {%html}, body_str => $meaning->{html});
keep(
    'mixed',
    parts => [
        Email::MIME->create(
            attributes => { content_type => 'multipart/alternative' },
            parts      => [
                Email::MIME->create(attributes => {%text}, body_str => $meaning->{text}),
                Email::MIME->create(attributes => {%html}, body_str => $meaning->{html}),
            ]
        ),
        Email::MIME->create(
            attributes => {
                content_type => 'application/octet-stream',
                encoding     => 'base64',
                disposition  => 'attachment',
                filename     => $meaning->{filename},
            },
            body => decode_base64($meaning->{attachment})
        ),
    ]
);
keep('empty', body => '');
