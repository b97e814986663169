--- `:checkhealth tenon`: one line for each thing that must hold, with what to do about a fault.

local M = {}

function M.check()
  local health = vim.health
  health.start("tenon")

  if vim.fn.has("nvim-0.12") == 0 then
    health.error("Neovim is older than 0.12", "Inline completion came with Neovim 0.12: update it.")
    return
  end
  health.ok("Neovim " .. tostring(vim.version()))

  local version, reason = require("tenon.server").version()
  if version then
    health.ok("the command runs: " .. version)
  else
    health.error(reason, "Install Tenon, or give its program's full path: setup({ cmd = … }).")
  end

  if not vim.lsp.is_enabled("tenon") then
    health.warn("not enabled", 'Call require("tenon").setup() in your configuration.')
  end

  local clients = vim.lsp.get_clients({ name = "tenon" })
  if #clients == 0 then
    health.info("no server is running: one starts with the first file it completes")
  end
  for _, client in ipairs(clients) do
    local served = vim.tbl_count(client.attached_buffers)
    local info = client.server_info or {}
    local name = ("%s %s"):format(info.name or "server", info.version or "of unknown version")
    health.ok(("%s serves %d buffer(s), root: %s"):format(name, served, client.root_dir or "none"))
    if not client:supports_method("textDocument/inlineCompletion") then
      health.error("the server offers no inline completion", "Update Tenon: `tenon --version`.")
    end
    local status = require("tenon.status").of((next(client.attached_buffers)))
    if status then
      local line = ("status: %s: %s"):format(status.state, status.message)
      if status.state == "fault" then
        health.error(line, "Run `tenon doctor`, and see :Tenon log.")
      else
        health.info(line)
      end
    end
  end

  if not require("tenon").is_on() then
    health.info("suggestions are off: `:Tenon toggle`")
  end
end

return M
