# Makes the mails of `mails.ts` with Ruby's mail: `ruby mail.rb FOLDER`, the meaning on standard input.
require 'json'
require 'mail'

folder = ARGV[0]
meaning = JSON.parse($stdin.read)

keep = lambda do |kind, &fill|
  mail = Mail.new(charset: 'UTF-8')
  mail.from = "\"#{meaning['name']}\" <#{meaning['address']}>"
  mail.to = "\"#{meaning['recipient']}\" <b@example.net>"
  mail.subject = meaning['subject']
  fill&.call(mail)
  File.binwrite(File.join(folder, kind), mail.to_s)
end

keep.call('text') { |mail| mail.body = meaning['text'] }
keep.call('html') do |mail|
  mail.content_type = 'text/html; charset=UTF-8'
  mail.content_transfer_encoding = '8bit'
  mail.body = meaning['html']
end
keep.call('mixed') do |mail|
  mail.text_part = Mail::Part.new.tap { |part| part.body = meaning['text'] }
  mail.html_part = Mail::Part.new.tap do |part|
    part.content_type = 'text/html; charset=UTF-8'
    part.body = meaning['html']
  end
  mail.attachments[meaning['filename']] = meaning['attachment'].unpack1('m')
end
keep.call('empty')
