--- The command `:Tenon`. Each subcommand is a word and a function.

local M = {}

local function say(text, highlight)
  vim.api.nvim_echo({ { text, highlight } }, true, {})
end

local subcommands = {}

function subcommands.toggle()
  say("Tenon: " .. (require("tenon").toggle() and "on" or "off"))
end

function subcommands.status()
  local status = require("tenon.status").of(vim.api.nvim_get_current_buf())
  if not status then
    say("Tenon: does not serve this buffer")
    return
  end
  local off = require("tenon").is_on() and "" or " (suggestions are off)"
  local message = status.message ~= "" and ": " .. status.message or ""
  say(
    "Tenon: " .. status.state .. message .. off,
    status.state == "fault" and "WarningMsg" or nil
  )
end

function subcommands.restart()
  if #vim.lsp.get_clients({ name = "tenon" }) > 0 then
    vim.cmd("lsp restart tenon")
  else
    -- None runs, perhaps since it ended: enabling anew looks at every buffer again.
    vim.lsp.enable("tenon", false)
    vim.lsp.enable("tenon")
  end
end

function subcommands.log()
  vim.cmd.tabedit(vim.fn.fnameescape(vim.lsp.log.get_filename()))
  vim.bo.readonly = true
  vim.cmd.normal({ "G", bang = true })
end

---@param name string
function M.run(name)
  local subcommand = subcommands[name]
  if not subcommand then
    local names = table.concat(M.complete(""), ", ")
    vim.notify(("Tenon: no %q; there are %s"):format(name, names), vim.log.levels.ERROR)
    return
  end
  subcommand()
end

---@param typed string
---@return string[]
function M.complete(typed)
  local names = vim.tbl_filter(function(name)
    return vim.startswith(name, typed)
  end, vim.tbl_keys(subcommands))
  table.sort(names)
  return names
end

return M
