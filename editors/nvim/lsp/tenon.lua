-- The client's configuration, for |vim.lsp.enable()|. require("tenon").setup() adds to it.
return {
  cmd = function(dispatchers, config)
    return require("tenon.server").start(dispatchers, config)
  end,
  cmd_cwd = require("tenon.server").folder,
  filetypes = { "python", "json", "jsonc" },
  root_dir = function(bufnr, on_dir)
    require("tenon.server").root(bufnr, on_dir)
  end,
  init_options = { status = true },
  handlers = {
    ["tenon/ready"] = function(_, place)
      require("tenon.ghost").ready(place)
    end,
    ["tenon/status"] = function(_, status, ctx)
      require("tenon.status").report(ctx.client_id, status)
    end,
  },
  on_init = function(client)
    require("tenon.ghost").watch_answers(client)
  end,
  on_exit = function(code, signal, client_id)
    require("tenon.status").ended(client_id, code, signal)
  end,
  -- Neovim ends a server that has not left by then; without a limit it would leave it behind.
  exit_timeout = 1000,
}
