;;; person.el --- What Emacs holds, told to a test  -*- lexical-binding: t -*-

;; A person's part is played by keys; this tells exactly what a screen only shows roughly.

(require 'server)
(setq server-socket-dir (getenv "HOME")
      server-name "emacs")
(server-start)

(defun person-tell (value)
  "Write VALUE as JSON where the test reads it."
  (with-temp-file (expand-file-name "told.json" (getenv "HOME"))
    (set-buffer-file-coding-system 'utf-8-unix)
    (insert (decode-coding-string (json-serialize value) 'utf-8))))

(defun person-findings ()
  "Return line, column (both from 1, in characters), the text and what is said, of each finding in the window."
  (with-current-buffer (window-buffer)
    (vconcat
     (mapcar
      (lambda (found)
        (let ((start (flymake-diagnostic-beg found)))
          (save-excursion
            (goto-char start)
            (vector (line-number-at-pos)
                    (1+ (- start (line-beginning-position)))
                    (buffer-substring-no-properties start (flymake-diagnostic-end found))
                    (flymake-diagnostic-text found)))))
      (flymake-diagnostics)))))

(defun person-at-finding-p ()
  "Whether point, in the window, is on a finding."
  (with-current-buffer (window-buffer)
    (if (flymake-diagnostics (window-point)) t :false)))

(defun person-text ()
  "Return the text in the window, with line ends as Emacs has them inside."
  (with-current-buffer (window-buffer)
    (buffer-substring-no-properties (point-min) (point-max))))

(defun person-reconnects-p ()
  "Whether eglot would start a server again that is lost now: it gives up on those that lived for a moment only."
  (let ((server (with-current-buffer (window-buffer) (eglot-current-server))))
    (if (and server (not (eglot--inhibit-autoreconnect server))) t :false)))
