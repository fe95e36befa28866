"""Jupyter's own conformance tests for kernels, run against this one."""

import unittest

import jupyter_kernel_test

HOST = "import { findKernelHost } from '../lib/kernel/host'; const host = findKernelHost()!;\n"


class BreakoutKernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = "breakout-dqn"
    language_name = "typescript"
    file_extension = ".ts"
    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('oh no')"
    completion_samples = [
        {"text": "Math.fro", "matches": {"fround"}},
        {"text": "'a'.padS", "matches": {"padStart"}},
    ]
    complete_code_samples = ["1", "console.log('hello, world')", "function f(x: number) { return x * 2 }", "await 1"]
    incomplete_code_samples = ["console.log('''hello", "function f(x: number) {", "const x = ["]
    invalid_code_samples = ["import = 7q", "const 5 = 1"]
    code_generate_error = "throw new Error('broken')"
    code_execute_result = [
        {"code": "1 + 2 + 3", "result": "6"},
        {"code": "[1, 2].map((n) => n * 2)", "result": "[ 2, 4 ]"},
        {"code": "await Promise.resolve('soon')", "result": "'soon'"},
    ]
    code_display_data = [
        {"code": HOST + "host.display({ 'text/html': '<b>x</b>', 'text/plain': 'x' });", "mime": "text/html"},
        {"code": "host.display({ 'image/png': new Uint8Array([137, 80, 78, 71]) });", "mime": "image/png"},
    ]
    code_history_pattern = "1 ? 2*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "Math.max"
    code_page_something = "Math.max?"
    code_clear_output = HOST + "host.clearOutput();"

    @classmethod
    def setUpClass(cls):
        """Compiles the library once: on a busy machine that takes longer than the 15 s that a test waits."""
        super().setUpClass()
        cls.kc.execute_interactive(HOST, timeout=120, output_hook=lambda message: None)


class BreakoutWelcomeTests(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "breakout-dqn"
    support_iopub_welcome = True


if __name__ == "__main__":
    unittest.main()
