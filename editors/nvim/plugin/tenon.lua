-- Defines the commands `:Tenon` and `:TenonExplain`, and loads nothing before it is used. Starting the server
-- is left to require("tenon").setup() or vim.lsp.enable("tenon").
if vim.g.loaded_tenon or vim.fn.has("nvim-0.12") == 0 then
  return
end
vim.g.loaded_tenon = true

vim.api.nvim_create_user_command("Tenon", function(call)
  require("tenon.command").run(call.fargs[1])
end, {
  nargs = 1,
  complete = function(typed)
    return require("tenon.command").complete(typed)
  end,
  desc = "Tenon's inline completions: toggle, status, restart, log",
})

vim.api.nvim_create_user_command("TenonExplain", function(call)
  require("tenon.explain").at_cursor(call.args ~= "" and call.args or nil)
end, {
  nargs = "*",
  desc = "What Tenon allows at the cursor, and why it would refuse a text there",
})
